import Wire

/// Folds new events of one subject into its rows. Pure: rows in, rows out, whatever the batches.
///
/// What is stored is a function of the events alone: chapters close by `ClosingRule`, tails lie as `TailLayout` says.
struct ChapterFold<Failure: Error> {
    /// The header of the subject's newest row; nil where it has none.
    let newest: RowHeader?
    /// Opens what is stored since the newest keyframe. Only called where a row must be written anew.
    let load: () throws(Failure) -> OpenChapter
    /// What bytes that do not decode become.
    let damaged: (WireError) -> Failure

    /// - Parameter segments: events newer than any stored, ascending, none without entries.
    func fold(_ segments: [Segment]) throws(Failure) -> RowChanges {
        var changes = RowChanges()
        var rest = segments[...]
        var open: Open
        if let newest {
            open = .stored(newest)
        } else {
            guard let first = rest.popFirst() else { return changes }
            open = .fresh(
                try begin(
                    first, zipping: .small,
                    keyframe: try wired { () throws(WireError) in
                        try FrameWriter.keyframe(first)
                    }))
        }
        var count = newest?.endEvent ?? 0
        var changed = newest?.changedBytes ?? 0
        var keyframeBytes = newest?.keyframeBytes ?? open.keyframeBytes
        var pending = rest.startIndex
        var next = rest.startIndex
        while next < rest.endIndex {
            changed += rest[next].changedBytes
            count += 1
            if ClosingRule.closes(changed: changed, keyframe: keyframeBytes) {
                var state = try close(
                    open, before: rest[pending..<next], closing: rest[next], &changes)
                let keyframe = try wired { () throws(WireError) in
                    try state.apply(rest[next])
                    return try state.nextKeyframe()
                }
                (open, count, changed) = (
                    .fresh(try begin(rest[next], zipping: .fastToRead, keyframe: keyframe)), 0, 0
                )
                keyframeBytes = keyframe.count
                pending = next + 1
            }
            next += 1
        }
        try leave(open, adding: rest[pending...], &changes)
        return changes
    }

    /// Whether folding will ask for what is stored.
    static func needsRows(_ newest: RowHeader, _ segments: [Segment]) -> Bool {
        let changed = segments.reduce(newest.changedBytes) { $0 + $1.changedBytes }
        if ClosingRule.closes(changed: changed, keyframe: newest.keyframeBytes) { return true }
        let stored = newest.endEvent
        let all = stored + segments.count
        let kept = TailLayout.firstRewritten(from: stored, to: all)
        return kept < stored
            || TailLayout.rows(count: all).contains { $0.lowerBound >= kept && TailLayout.isPatched($0) }
    }

    /// The chapter being added to: as it is stored, or begun by this very fold.
    private enum Open {
        case stored(RowHeader)
        case fresh(Begun)

        var keyframeBytes: Int {
            switch self {
            case .stored(let header): header.keyframeBytes
            case .fresh(let begun): begun.frame.bytes.count
            }
        }
    }

    private struct Begun {
        var slot: UInt64
        var frame: FoldedFrame
        var keyframe: Keyframe
    }

    private func wired<R>(_ body: () throws(WireError) -> R) throws(Failure) -> R {
        do throws(WireError) { return try body() } catch { throw damaged(error) }
    }

    private func begin(
        _ segment: Segment, zipping: FoldedFrame.Zipping, keyframe bytes: [UInt8]
    ) throws(Failure) -> Begun {
        Begun(
            slot: segment.slot,
            frame: FoldedFrame(first: segment.mark.position, bytes: bytes, zipping: zipping),
            keyframe: try wired { () throws(WireError) in try Keyframe(bytes) })
    }

    private func segments(_ row: OpenChapter.TailRow) throws(Failure) -> [Segment] {
        try wired { () throws(WireError) in
            try ChangeFrames.segments(row.frame, slot: row.header.slot)
        }
    }

    /// Writes the closed chapter.
    /// - Returns: its state at the end.
    private func close(
        _ open: Open, before segments: ArraySlice<Segment>, closing: Segment, _ changes: inout RowChanges
    ) throws(Failure) -> ChapterState {
        let frame: FoldedFrame
        let keyframe: Keyframe
        var slot: UInt64
        var all: [Segment] = []
        switch open {
        case .fresh(let begun): (frame, keyframe, slot) = (begun.frame, begun.keyframe, begun.slot)
        case .stored:
            let chapter = try load()
            (frame, slot) = (chapter.keyframe, chapter.slot)
            keyframe = try wired { () throws(WireError) in try Keyframe(chapter.keyframe.bytes) }
            for row in chapter.tail {
                changes.deletes.append(row.first)
                all += try self.segments(row)
            }
        }
        all += segments
        if let last = all.last { slot = last.slot }
        let header = RowHeader(
            kind: .chapter, slot: slot, events: all.count,
            changedBytes: all.reduce(0) { $0 + $1.changedBytes }, keyframeBytes: frame.bytes.count)
        return try wired { () throws(WireError) in
            let room = all.reduce(closing.entries.count) { $0 + $1.entries.count }
            var state = ChapterState(keyframe: keyframe, room: room)
            for segment in all { try state.apply(segment) }
            var frames = ChangeFrames(keyframe: keyframe)
            changes.puts.append(
                FoldedRow(first: frame.first, header: header, frames: [frame] + (try frames.frames(all))))
            return state
        }
    }

    /// Writes what of the open chapter is new: its keyframe where it was begun here, and its tail.
    private func leave(
        _ open: Open, adding segments: ArraySlice<Segment>, _ changes: inout RowChanges
    ) throws(Failure) {
        var kept = 0
        var tail: [Segment] = []
        var changed = 0
        switch open {
        case .fresh(let begun):
            changes.puts.append(
                FoldedRow(
                    first: begun.frame.first,
                    header: RowHeader(
                        kind: .chapter, slot: begun.slot, keyframeBytes: begun.frame.bytes.count),
                    frames: [begun.frame]))
        case .stored(let newest):
            let stored = newest.endEvent
            kept = TailLayout.firstRewritten(from: stored, to: stored + segments.count)
            changed = newest.changedBytes
            if kept < stored {
                let chapter = try load()
                changed = chapter.tail.last { $0.header.endEvent == kept }?.header.changedBytes ?? 0
                for row in chapter.tail where row.header.firstEvent >= kept {
                    changes.deletes.append(row.first)
                    tail += try self.segments(row)
                }
            }
        }
        tail += segments
        let rows = TailLayout.rows(count: kept + tail.count).filter { $0.lowerBound >= kept }
        var whole = ChangeFrames(keyframe: nil)
        var patched = try rows.contains(where: TailLayout.isPatched) ? frames(of: open) : whole
        for row in rows {
            let events = tail[row.lowerBound - kept..<row.upperBound - kept]
            changed += events.reduce(0) { $0 + $1.changedBytes }
            let frame = try wired { () throws(WireError) in
                try TailLayout.isPatched(row) ? patched.frame(events) : whole.frame(events)
            }
            let first = events.first!.mark.position
            changes.deletes.removeAll { $0 == first }
            changes.puts.append(
                FoldedRow(
                    first: first,
                    header: RowHeader(
                        kind: .tail, slot: events.last!.slot, firstEvent: row.lowerBound,
                        events: row.count, changedBytes: changed, keyframeBytes: open.keyframeBytes),
                    frames: [
                        FoldedFrame(
                            first: first, bytes: frame,
                            zipping: TailLayout.isPatched(row) ? .fastToRead : .small)
                    ]))
        }
    }

    private func frames(of open: Open) throws(Failure) -> ChangeFrames {
        switch open {
        case .fresh(let begun): return ChangeFrames(keyframe: begun.keyframe)
        case .stored:
            let bytes = try load().keyframe.bytes
            return ChangeFrames(keyframe: try wired { () throws(WireError) in try Keyframe(bytes) })
        }
    }
}
