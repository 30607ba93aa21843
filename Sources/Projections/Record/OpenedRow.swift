import Wire

/// A row opened but not unzipped: where its frames lie, and which positions they begin at.
struct OpenedRow: Sendable {
    struct Frame: Sendable {
        /// Position of the frame's first event.
        var first: UInt64
        var method: UInt8
        /// Bytes unzipped.
        var count: Int
        /// Where the zipped bytes lie in the plaintext.
        var bytes: Range<Int>
    }

    let plaintext: [UInt8]
    let header: RowHeader
    /// Position of the row's first event.
    let first: UInt64
    private(set) var frames: [Frame] = []
    /// Whether the view holds no older row of the subject.
    var isOldest = false

    /// The frames of changes: all but a chapter's keyframe.
    var changes: ArraySlice<Frame> { header.kind == .chapter ? frames.dropFirst() : frames[...] }

    init(_ plaintext: [UInt8], first: UInt64, header: RowHeader) throws(WireError) {
        (self.plaintext, self.first, self.header) = (plaintext, first, header)
        let span = plaintext.span
        var at = 0
        let count = try ByteScan.length(span, &at, span.count)
        frames.reserveCapacity(count)
        var start = 0
        for _ in 0..<count {
            let position = first &+ (try ByteScan.varint(span, &at, span.count))
            guard at < span.count, span[at] <= RowCodec.Method.lz4 else {
                throw WireError(.invalid, at: at, what: "frame method")
            }
            let method = span[at]
            at += 1
            let unzipped = try ByteScan.small(span, &at, span.count)
            let zipped = try ByteScan.length(span, &at, span.count)
            guard unzipped <= RowCodec.maximumBytes,
                method != RowCodec.Method.stored || zipped == Int(unzipped)
            else {
                throw WireError(.invalid, at: at, what: "frame length")
            }
            frames.append(
                Frame(first: position, method: method, count: Int(unzipped), bytes: start..<start + zipped))
            start += zipped
        }
        guard count > 0, span.count - at == start else { throw WireError(.truncated, at: at, what: "frames") }
        for index in frames.indices {
            let bytes = frames[index].bytes
            frames[index].bytes = at + bytes.lowerBound..<at + bytes.upperBound
        }
    }
}
