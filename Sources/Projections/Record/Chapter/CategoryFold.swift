import Wire

/// Folds new events of one category of one subject into its rows. Pure: rows in, rows out, whatever the batches.
///
/// What is stored is a function of the events alone: chapters close by `ClosingRule`, tails lie as `TailLayout` says.
struct CategoryFold<Failure: Error> {
    /// The header of the category's newest row; nil where it has none.
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
            open = .fresh(try begin(with: first, keeping: nil))
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
                let closed = try close(open, before: rest[pending..<next], &changes)
                let begun = try begin(with: rest[next], keeping: closed)
                (open, count, changed) = (.fresh(begun), 0, 0)
                keyframeBytes = begun.bytes.count
                pending = next + 1
            }
            next += 1
        }
        try leave(open, adding: rest[pending...], &changes)
        return changes
    }

    /// The chapter being added to: as it is stored, or begun by this very fold.
    private enum Open {
        case stored(RowHeader)
        case fresh(Begun)

        var keyframeBytes: Int {
            switch self {
            case .stored(let header): header.keyframeBytes
            case .fresh(let begun): begun.bytes.count
            }
        }
    }

    private struct Begun {
        var first: UInt64
        var slot: UInt64
        var bytes: [UInt8]
    }

    private func wired<R>(_ body: () throws(WireError) -> R) throws(Failure) -> R {
        do throws(WireError) { return try body() } catch { throw damaged(error) }
    }

    private func begin(with segment: Segment, keeping state: ChapterState?) throws(Failure) -> Begun {
        try wired { () throws(WireError) in
            let keyframe: [UInt8]
            if var state {
                try state.apply(segment)
                keyframe = state.keyframe()
            } else {
                keyframe = try FrameWriter.keyframe(segment)
            }
            return Begun(first: segment.mark.position, slot: segment.slot, bytes: keyframe)
        }
    }

    /// Writes the closed chapter.
    /// - Returns: its state at the end.
    private func close(
        _ open: Open, before segments: ArraySlice<Segment>, _ changes: inout RowChanges
    ) throws(Failure) -> ChapterState {
        let keyframe: FoldedFrame
        var slot: UInt64
        var tail: [Segment] = []
        switch open {
        case .fresh(let begun):
            keyframe = FoldedFrame(first: begun.first, bytes: begun.bytes, packed: nil)
            slot = begun.slot
        case .stored:
            let chapter = try load()
            (keyframe, slot) = (chapter.keyframe, chapter.slot)
            for row in chapter.tail {
                changes.deletes.append(row.first)
                tail += try wired { () throws(WireError) in
                    try TailRows.segments(row.frame, slot: row.header.slot)
                }
            }
        }
        let state = try wired { () throws(WireError) in
            var state = try ChapterState(keyframe: keyframe.bytes)
            for segment in tail { try state.apply(segment) }
            for segment in segments { try state.apply(segment) }
            return state
        }
        let all = tail + segments
        if let last = all.last { slot = last.slot }
        let header = RowHeader(
            kind: .chapter, slot: slot, events: all.count,
            changedBytes: all.reduce(0) { $0 + $1.changedBytes }, keyframeBytes: keyframe.bytes.count)
        changes.puts.append(
            FoldedRow(
                first: keyframe.first, header: header, frames: [keyframe] + state.changeFrames(),
                added: state.added.map(\.before)))
        return state
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
                    first: begun.first,
                    header: RowHeader(kind: .chapter, slot: begun.slot, keyframeBytes: begun.bytes.count),
                    frames: [FoldedFrame(first: begun.first, bytes: begun.bytes, packed: nil)]))
        case .stored(let newest):
            let stored = newest.endEvent
            kept = TailLayout.firstRewritten(from: stored, to: stored + segments.count)
            changed = newest.changedBytes
            if kept < stored {
                let chapter = try load()
                changed = chapter.tail.last { $0.header.endEvent == kept }?.header.changedBytes ?? 0
                for row in chapter.tail where row.header.firstEvent >= kept {
                    changes.deletes.append(row.first)
                    tail += try wired { () throws(WireError) in
                        try TailRows.segments(row.frame, slot: row.header.slot)
                    }
                }
            }
        }
        tail += segments
        for row in TailLayout.rows(count: kept + tail.count) where row.lowerBound >= kept {
            let events = tail[row.lowerBound - kept..<row.upperBound - kept]
            changed += events.reduce(0) { $0 + $1.changedBytes }
            let frame = try wired { () throws(WireError) in try FrameWriter.tail(events) }
            let first = events.first!.mark.position
            changes.deletes.removeAll { $0 == first }
            changes.puts.append(
                FoldedRow(
                    first: first,
                    header: RowHeader(
                        kind: .tail, slot: events.last!.slot, firstEvent: row.lowerBound,
                        events: row.count, changedBytes: changed, keyframeBytes: open.keyframeBytes),
                    frames: [FoldedFrame(first: first, bytes: frame, packed: nil)]))
        }
    }
}
