import Wire

/// Where the parts of one entry lie in the bytes it was read from.
///
/// An entry is u8 flags (bits 0–4 category, bit 5 moved, bit 6 patch, bit 7 replaced) ‖ varint item index ‖ (a patch) varint ordinal in the keyframe ‖
/// varint meta bytes ‖ varint content bytes ‖ (a patch) varint patch bytes ‖ data. Data is meta ‖ content, or what `EntryPatch` makes
/// them of. Of `EntryFlags.nothing` the flags are all.
struct EntryBody: Hashable, Sendable {
    /// From the flags to the data's end.
    var body: Range<Int>
    var flags: UInt8
    var itemIndex: UInt32
    /// Of a patch: the keyframe's item whose meta ‖ content it starts from.
    var ordinal: Int
    var metaBytes: Int
    var contentBytes: Int
    var dataStart: Int

    var category: UInt8 { flags & EntryFlags.category }
    var isMoved: Bool { flags & EntryFlags.moved != 0 }
    var isPatch: Bool { flags & EntryFlags.patch != 0 }
    var isReplaced: Bool { flags & EntryFlags.replaced != 0 }
    var isNothing: Bool { flags & EntryFlags.nothing == EntryFlags.nothing }
    /// Of a whole entry.
    var meta: Range<Int> { dataStart..<dataStart + metaBytes }
    /// Meta and content, or the patch.
    var data: Range<Int> { dataStart..<body.upperBound }
    /// Bytes of meta and content.
    var wholeBytes: Int { metaBytes + contentBytes }

    /// Bytes of the whole entry, which a patch may stand for: what the closing rule counts.
    var changedBytes: Int {
        1 + Self.varintBytes(Int(itemIndex)) + Self.varintBytes(metaBytes) + Self.varintBytes(contentBytes)
            + wholeBytes
    }

    private static func varintBytes(_ value: Int) -> Int {
        value < 0x80 ? 1 : (70 - UInt64(value).leadingZeroBitCount) / 7
    }

    /// Reads the entry at `at`, and moves `at` behind it.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ at: inout Int, _ end: Int) throws(WireError) {
        let start = at
        guard at < end else { throw WireError(.truncated, at: at) }
        flags = bytes[at]
        at += 1
        if flags & EntryFlags.nothing == EntryFlags.nothing {
            (itemIndex, ordinal, metaBytes, contentBytes, dataStart) = (0, 0, 0, 0, at)
            body = start..<at
            return
        }
        itemIndex = try ByteScan.small(bytes, &at, end)
        let dataBytes: Int
        if flags & EntryFlags.patch != 0 {
            ordinal = Int(try ByteScan.small(bytes, &at, end))
            metaBytes = Int(try ByteScan.small(bytes, &at, end))
            contentBytes = Int(try ByteScan.small(bytes, &at, end))
            dataBytes = try ByteScan.length(bytes, &at, end)
        } else {
            ordinal = 0
            metaBytes = try ByteScan.length(bytes, &at, end)
            contentBytes = try ByteScan.length(bytes, &at, end)
            guard contentBytes <= end - at - metaBytes else { throw WireError(.truncated, at: at) }
            dataBytes = metaBytes + contentBytes
        }
        guard metaBytes > 3 else { throw WireError(.truncated, at: at) }
        dataStart = at
        at += dataBytes
        body = start..<at
    }

    /// The order of entries: category, type, id.
    static func order(
        _ x: Span<UInt8>, _ a: EntryBody, _ y: Span<UInt8>, _ b: EntryBody
    ) throws(WireError) -> Int {
        if a.category != b.category { return a.category < b.category ? -1 : 1 }
        return try ItemHead.order(x, a.meta, y, b.meta)
    }
}

/// The first byte of an entry.
enum EntryFlags {
    static let category: UInt8 = 0x1F
    /// The item has left for another category: from here on it is not in this one.
    static let moved: UInt8 = 0x20
    /// The data is a patch of an item of the keyframe.
    static let patch: UInt8 = 0x40
    /// Of a keyframe: what the corrected result before it replaced. It is no item of the record, and its content is what is shown of it
    /// alone (`ResultValue.alone`).
    static let replaced: UInt8 = 0x80
    /// Of a keyframe: the corrected result before it replaced nothing that says something else.
    static let nothing = replaced | moved
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
