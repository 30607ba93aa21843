import Wire

/// Turns segments into frames of changes: as they are, or as patches of a chapter's keyframe, and back.
struct ChangeFrames {
    /// Nil where entries are kept whole: the newest events of an open chapter, so that adding one opens no row.
    let keyframe: Keyframe?
    private var patches = PatchMaker()

    /// Bytes that a frame is written into: it ends with the segment that passes `ClosingRule.frameBytes`.
    private static let room = ClosingRule.frameBytes + 4096

    init(keyframe: Keyframe?) { self.keyframe = keyframe }

    /// All segments in one frame: a row of a chapter's tail.
    mutating func frame(_ segments: ArraySlice<Segment>) throws(WireError) -> [UInt8] {
        var writer = FrameWriter(capacity: segments.reduce(0) { $0 + $1.entries.count })
        for segment in segments { try append(segment, to: &writer) }
        return writer.bytes
    }

    /// The changes of a closed chapter, as frames of about `ClosingRule.frameBytes`.
    mutating func frames(_ segments: [Segment]) throws(WireError) -> [FoldedFrame] {
        var frames: [FoldedFrame] = []
        var writer = FrameWriter(capacity: Self.room)
        var first: UInt64 = 0
        for segment in segments {
            if writer.bodyBytes >= ClosingRule.frameBytes {
                frames.append(FoldedFrame(first: first, bytes: writer.bytes, zipping: .fastToRead))
                writer = FrameWriter(capacity: Self.room)
            }
            if writer.isEmpty { first = segment.mark.position }
            try append(segment, to: &writer)
        }
        if !writer.isEmpty {
            frames.append(FoldedFrame(first: first, bytes: writer.bytes, zipping: .fastToRead))
        }
        return frames
    }

    private mutating func append(_ segment: Segment, to writer: inout FrameWriter) throws(WireError) {
        let event = writer.add(segment.mark)
        let span = segment.entries.span
        for entry in try EntryWalk.bodies(segment.entries, count: segment.count) {
            if let keyframe, !entry.isPatch, !entry.isMoved,
                case (let ordinal, true) = try keyframe.place(of: entry, in: span),
                let patch = patch(entry, of: segment.entries, from: keyframe.entries[ordinal].entry)
            {
                writer.append(event: event, patch: patch, of: ordinal, for: entry)
            } else {
                writer.append(event: event, entry: entry.body, of: segment.entries)
            }
        }
    }

    private mutating func patch(_ entry: EntryBody, of bytes: [UInt8], from base: EntryBody) -> [UInt8]? {
        guard let keyframe else { return nil }
        return keyframe.bytes.withUnsafeBytes { baseBytes in
            bytes.withUnsafeBytes { newBytes in
                // A patch adds an ordinal and its own length: it must save more than those.
                patches.patch(
                    from: UnsafeRawBufferPointer(rebasing: baseBytes[base.data]),
                    to: UnsafeRawBufferPointer(rebasing: newBytes[entry.data]), limit: entry.wholeBytes - 8)
            }
        }
    }

    /// A row's frame as the segments it was made of; patches stay patches.
    static func segments(_ frame: [UInt8], slot: UInt64) throws(WireError) -> [Segment] {
        let span = frame.span
        var reader = try FrameReader(span, 0..<span.count)
        var out: [Segment] = []
        while let next = try reader.next(span) {
            guard !next.entry.isReplaced else {
                throw WireError(.invalid, at: next.entry.dataStart, what: "what was replaced")
            }
            if out.last?.mark != next.event { out.append(Segment(mark: next.event, slot: slot)) }
            out[out.count - 1].append(next.entry, of: frame)
        }
        return out
    }
}
