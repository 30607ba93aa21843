import Wire

/// Where the parts of one entry lie in the bytes it was read from.
struct EntryBody: Hashable, Sendable {
    /// From the flags to the content's end.
    var body: Range<Int>
    var flags: UInt8
    var itemIndex: UInt32
    var metaStart: Int
    var contentStart: Int

    var meta: Range<Int> { metaStart..<contentStart }
    var content: Range<Int> { contentStart..<body.upperBound }
    var isMoved: Bool { flags & EntryFlags.moved != 0 }

    /// Reads the entry at `at`, and moves `at` behind it.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(WireError) {
        let start = at
        guard at < end, bytes[at] & ~EntryFlags.known == 0 else {
            throw WireError(.invalid, at: at, what: "entry flags")
        }
        flags = bytes[at]
        at += 1
        itemIndex = try ByteScan.small(bytes, &at, end)
        let metaBytes = try ByteScan.length(bytes, &at, end)
        let contentBytes = try ByteScan.length(bytes, &at, end)
        guard metaBytes > 3, contentBytes <= end - at - metaBytes else {
            throw WireError(.truncated, at: at)
        }
        metaStart = at
        contentStart = at + metaBytes
        at = contentStart + contentBytes
        body = start..<at
    }
}

/// Walks a run of entry bodies.
enum EntryWalk {
    static func bodies(_ bytes: [UInt8], count: Int) throws(WireError) -> [EntryBody] {
        let span = bytes.span
        var at = 0
        var out: [EntryBody] = []
        out.reserveCapacity(min(count, bytes.count / 8 + 1))
        for _ in 0..<count { out.append(try EntryBody(span, &at, span.count)) }
        guard at == span.count else { throw WireError(.trailingBytes, at: at) }
        return out
    }
}
