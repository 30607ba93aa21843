import Wire

/// A part's payload, decoded: items whose contents are slices of it, or are computed when asked for.
///
/// Everything was checked when it was decoded: no accessor fails on an index below `count`.
public struct Body: Sendable {
    /// The payload as it was stored, `BodyLimits` kept.
    public let payload: ArraySlice<UInt8>
    let entries: [Entry]

    /// Where an item lies in the payload.
    struct Entry: Sendable {
        var meta: Range<Int>
        /// The literal content, or the encoded splice.
        var content: Range<Int>
        var isDerived: Bool
        /// Bytes that the content takes at most; those it has, where it is literal.
        var capacity: Int
    }

    init(payload: ArraySlice<UInt8>, entries: [Entry]) {
        (self.payload, self.entries) = (payload, entries)
    }

    public var count: Int { entries.count }

    /// 32 secret bytes that the items' salts are made from.
    public var salt: ArraySlice<UInt8> { payload.dropFirst().prefix(BodyLimits.saltBytes) }

    public func meta(of index: Int) -> ArraySlice<UInt8> { payload[entries[index].meta] }

    /// The item's content: a slice of the payload, or computed from item 0's.
    public func content(of index: Int) -> ArraySlice<UInt8> {
        guard let splice = splice(of: index) else { return payload[entries[index].content] }
        do {
            return try splice.content(of: payload[entries[0].content])[...]
        } catch {
            preconditionFailure("a splice was checked when the body was decoded: \(error)")
        }
    }

    /// Appends what `content(of:)` gives, without an array for it or for any edit.
    public func appendContent(of index: Int, to out: inout [UInt8]) {
        let entry = entries[index]
        guard entry.isDerived else {
            out += payload[entry.content]
            return
        }
        out.append(addingCapacity: entry.capacity) { (span: inout OutputSpan<UInt8>) in
            span.withUnsafeMutableBufferPointer { buffer, filled in
                let free = UnsafeMutableBufferPointer(rebasing: buffer[filled...])
                filled += write(entry, into: UnsafeMutableRawBufferPointer(free))
            }
        }
    }

    private func write(_ entry: Entry, into out: UnsafeMutableRawBufferPointer) -> Int {
        do {
            var reader = ByteReader(payload[entry.content])
            return try payload.withUnsafeBytes { (bytes) throws(WireError) -> Int in
                // Places are the array's, whose slice the payload is.
                func place(_ range: Range<Int>) -> UnsafeRawBufferPointer {
                    UnsafeRawBufferPointer(
                        rebasing: bytes[
                            range.lowerBound - payload.startIndex..<range.upperBound - payload.startIndex])
                }
                let source = place(entries[0].content)
                let head = try reader.spliceHead()
                var pieces = SplicePieces(start: head.start, length: head.length)
                for _ in 0..<head.edits {
                    let edit = try reader.spliceEdit()
                    pieces.write(
                        offset: edit.offset, deleted: edit.deleted, inserting: place(edit.insertion),
                        from: source, into: out)
                }
                return pieces.finish(from: source, into: out)
            }
        } catch {
            preconditionFailure("a splice was checked when the body was decoded: \(error)")
        }
    }

    /// How item `index` is derived from item 0; nil where its content is its own.
    public func splice(of index: Int) -> JSONSplice? {
        let entry = entries[index]
        guard entry.isDerived else { return nil }
        var reader = ByteReader(payload[entry.content])
        do {
            return try reader.splice()
        } catch {
            preconditionFailure("a splice was checked when the body was decoded: \(error)")
        }
    }

    public func item(_ index: Int) -> BodyItem {
        let content =
            splice(of: index).map(ItemContent.derived) ?? .literal(Array(payload[entries[index].content]))
        return BodyItem(meta: Array(meta(of: index)), content: content)
    }

    public var items: [BodyItem] { (0..<count).map(item) }
}
