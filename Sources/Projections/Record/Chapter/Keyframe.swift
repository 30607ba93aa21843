import Wire

/// A chapter's keyframe, unzipped and cut into entries: what its changes are patches of.
struct Keyframe: Sendable {
    /// Begin with it.
    let bytes: [UInt8]
    /// In the order of category, type, id; an entry's index is its ordinal.
    let entries: [FrameEntry]
    /// What corrected results replaced, by ordinal.
    let replaced: [Int: FrameEntry]

    init(_ bytes: [UInt8]) throws(WireError) {
        self.bytes = bytes
        let span = bytes.span
        var frame = try FrameReader(span, 0..<span.count)
        var entries: [FrameEntry] = []
        entries.reserveCapacity(frame.remaining)
        var replaced: [Int: FrameEntry] = [:]
        while let next = try frame.next(span) {
            if next.entry.isReplaced {
                let ordinal = entries.count - 1
                guard ordinal >= 0, !next.entry.isPatch || next.entry.ordinal == ordinal else {
                    throw WireError(.invalid, at: next.entry.dataStart, what: "what was replaced")
                }
                replaced[ordinal] = next
                continue
            }
            guard !next.entry.isPatch else { throw WireError(.invalid, at: 0, what: "patch in a keyframe") }
            entries.append(next)
        }
        (self.entries, self.replaced) = (entries, replaced)
    }

    /// Where the item of a whole entry stands, or would.
    func place(of entry: EntryBody, in span: Span<UInt8>) throws(WireError) -> (index: Int, isHeld: Bool) {
        let own = bytes.span
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try EntryBody.order(span, entry, own, entries[middle].entry)
            if order == 0 { return (middle, true) }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return (low, false)
    }

    /// What the item of that ordinal replaced; nil where that is not known here.
    func replaced(by ordinal: Int) throws(WireError) -> Replaced? {
        guard let found = replaced[ordinal] else { return nil }
        if found.entry.isNothing { return .nothing }
        return .entry(
            ReplacedEntry(
                mark: found.event, category: found.entry.category, itemIndex: found.entry.itemIndex,
                metaBytes: found.entry.metaBytes,
                data: found.entry.isPatch ? try whole(found.entry, of: bytes)[...] : bytes[found.entry.data]))
    }

    /// Meta ‖ content of what a patch stands for.
    func whole(_ patch: EntryBody, of bytes: [UInt8]) throws(WireError) -> [UInt8] {
        guard patch.ordinal < entries.count, patch.wholeBytes <= RowCodec.maximumBytes else {
            throw WireError(.invalid, at: patch.dataStart, what: "ordinal")
        }
        let base = entries[patch.ordinal].entry.data
        return try EntryPatch.whole(bytes[patch.data], of: self.bytes[base], count: patch.wholeBytes)
    }
}
