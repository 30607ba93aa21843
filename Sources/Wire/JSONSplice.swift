/// A piece of JSON taken out of a source's bytes: a range of them, with some of it replaced, and whitespace
/// outside strings dropped.
///
/// An event keeps the source's exact bytes once; the resources derived from them are kept as splices, so
/// anyone can compute a resource again from the bytes and the splice. It is part of the log's format:
/// `content` never changes its answer.
public struct JSONSplice: Hashable, Sendable {
    /// One replacement inside the range.
    public struct Edit: Hashable, Sendable {
        /// Bytes kept between the end of the edit before (or the range's start) and this one.
        public var offset: Int
        /// Bytes left out.
        public var deleted: Int
        /// Bytes put in their place.
        public var insertion: [UInt8]

        public init(offset: Int, deleted: Int, insertion: [UInt8]) {
            (self.offset, self.deleted, self.insertion) = (offset, deleted, insertion)
        }
    }

    /// The range's first byte in the source.
    public var start: Int
    /// The range's bytes, before any edit.
    public var length: Int
    public var edits: [Edit]

    public init(start: Int, length: Int, edits: [Edit] = []) {
        (self.start, self.length, self.edits) = (start, length, edits)
    }

    /// Edits given by where they are in the source, in ascending order and apart from each other.
    public init(start: Int, length: Int, replacing edits: [(range: Range<Int>, insertion: [UInt8])]) {
        var end = start
        self.init(
            start: start, length: length,
            edits: edits.map { edit in
                defer { end = edit.range.upperBound }
                return Edit(
                    offset: edit.range.lowerBound - end, deleted: edit.range.count, insertion: edit.insertion)
            })
    }

    /// The content in a source.
    ///
    /// - Throws: `WireError.invalid` where the range or an edit lies outside the source.
    public func content(of source: ArraySlice<UInt8>) throws(WireError) -> [UInt8] {
        let capacity = try capacity(in: source.count)
        // Hot: a bundle's every resource passes here. The capacity was checked against the source just above.
        return [UInt8](unsafeUninitializedCapacity: capacity) { out, count in
            count = source.withUnsafeBytes { write(from: $0, into: UnsafeMutableRawBufferPointer(out)) }
        }
    }

    public func content(of source: [UInt8]) throws(WireError) -> [UInt8] { try content(of: source[...]) }

    /// The most bytes the content can take, slack for copying whole words included.
    ///
    /// - Throws: `WireError.invalid` where the range or an edit lies outside a source of that many bytes.
    public func capacity(in sourceCount: Int) throws(WireError) -> Int {
        var bounds = try SpliceBounds(start: start, length: length, in: sourceCount)
        for edit in edits {
            try bounds.add(offset: edit.offset, deleted: edit.deleted, inserted: edit.insertion.count)
        }
        return bounds.capacity
    }

    /// Writes the content and returns its length. `out` must have the capacity that `capacity(in:)` gave for
    /// this very source: nothing is checked again here.
    public func write(from source: UnsafeRawBufferPointer, into out: UnsafeMutableRawBufferPointer) -> Int {
        var pieces = SplicePieces(start: start, length: length)
        for edit in edits {
            edit.insertion.withUnsafeBytes {
                pieces.write(
                    offset: edit.offset, deleted: edit.deleted, inserting: $0, from: source, into: out)
            }
        }
        return pieces.finish(from: source, into: out)
    }
}
