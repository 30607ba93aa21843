import Wire

/// A chapter's keyframe, unzipped and cut into entries: what its changes are patches of.
struct Keyframe: Sendable {
    let bytes: [UInt8]
    /// In the order of category, type, id; an entry's index is its ordinal.
    let entries: [FrameEntry]

    init(_ bytes: [UInt8]) throws(WireError) {
        self.bytes = bytes
        let span = bytes.span
        var frame = try FrameReader(span, 0..<span.count)
        var entries: [FrameEntry] = []
        entries.reserveCapacity(frame.remaining)
        while let next = try frame.next(span) {
            guard !next.entry.isPatch else { throw WireError(.invalid, at: 0, what: "patch in a keyframe") }
            entries.append(next)
        }
        self.entries = entries
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

    /// Meta ‖ content of what a patch stands for.
    func whole(_ patch: EntryBody, of bytes: [UInt8]) throws(WireError) -> [UInt8] {
        guard patch.ordinal < entries.count, patch.wholeBytes <= RowCodec.maximumBytes else {
            throw WireError(.invalid, at: patch.dataStart, what: "ordinal")
        }
        let base = entries[patch.ordinal].entry.data
        var failure: WireError?
        let out = [UInt8](unsafeUninitializedCapacity: patch.wholeBytes) { out, filled in
            bytes.withUnsafeBytes { patchBytes in
                self.bytes.withUnsafeBytes { baseBytes in
                    do throws(WireError) {
                        try EntryPatch.apply(
                            UnsafeRawBufferPointer(rebasing: patchBytes[patch.data]),
                            to: UnsafeRawBufferPointer(rebasing: baseBytes[base]), count: patch.wholeBytes,
                            out: UnsafeMutableRawPointer(out.baseAddress!))
                        filled = patch.wholeBytes
                    } catch { failure = error }
                }
            }
        }
        if let failure { throw failure }
        return out
    }
}
