import LMDB
import Wire

/// The sequential part: tree, tiles, commits and batches, fed with checked runs in order.
///
/// Where a record is bad, its stored tile stands in for it once the tile is complete, so that what comes after can
/// still be vouched for, and only what is really wrong is named.
struct TreeCheck {
    private let storage: LogEnvironment
    private var commits: CommitWalk
    private var checkpoints: CheckpointWalk
    /// All that is carried from record to record.
    private(set) var carry: TreeCarry

    /// - Parameters:
    ///   - carry: where to go on from: `TreeCarry(head:)` for the log's beginning.
    ///   - signer: as `VerifyOptions.signer`.
    init(_ storage: LogEnvironment, from carry: TreeCarry, signer: NoteKey? = nil) throws(LogError) {
        self.storage = storage
        self.carry = carry
        commits = CommitWalk(storage, after: carry.committed?.recordedAt)
        checkpoints = CheckpointWalk(
            storage, after: carry.committed?.last.value ?? 0, signer: signer)
        if let problem = try checkpoints.begin() { self.carry.report.note(.start, problem) }
    }

    mutating func take(_ run: RecordCheck) throws(LogError) {
        for (position, what) in run.problems { carry.report.note(position, what) }
        let found = try storage.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) in try tiles(of: run, t)
        }
        for (i, entry) in run.entries.enumerated() {
            let position = Position(run.first.value + UInt64(i))
            try takeTime(entry, position)
            takeBatch(entry, position)
            append(entry, found)
            carry.report.records += 1
        }
    }

    // MARK: The tree

    /// The stored tiles that a run completes, by level and index.
    private func tiles(
        of run: RecordCheck, _ t: borrowing ReadTransaction
    ) throws(LogError) -> [TilePlace: Digest] {
        var found: [TilePlace: Digest] = [:]
        for level in 1...7 {
            let height = UInt64(8 * level)
            var index = (run.first.value - 1) >> height
            while index < run.last.value >> height {
                do throws(LogError) {
                    found[TilePlace(level: level, index: index)] = try storage.tile(
                        level: level, index: index, in: t)
                } catch {
                    // One of another size counts as missing.
                    guard case .corrupt = error else { throw error }
                }
                index += 1
            }
        }
        return found
    }

    private struct TilePlace: Hashable {
        var level: Int
        var index: UInt64
        /// The position of its first leaf.
        var first: Position { Position(index << UInt64(8 * level) + 1) }
    }

    private mutating func append(_ entry: RecordCheck.Entry, _ found: [TilePlace: Digest]) {
        carry.isTainted = carry.isTainted || entry.isBad
        if carry.frontier.count & 0xFF != 0xFF {
            carry.frontier.append(entry.leaf)
            return
        }
        // The leaf completes a tile. Its root is computed from the leaves, or where one is bad, believed.
        let place = TilePlace(level: 1, index: carry.frontier.count >> 8)
        var completed: [(level: Int, index: UInt64, node: Digest)] = []
        carry.frontier.append(entry.leaf) { level, index, node in completed.append((level, index, node)) }
        if carry.isTainted, let stored = found[place] {
            completed = [(1, place.index, stored)]
            carry.frontier = carry.tileStart
            carry.frontier.appendSubtree(stored, height: 8) { level, index, node in
                completed.append((level, index, node))
            }
        }
        for tile in completed {
            carry.report.tiles += 1
            let place = TilePlace(level: tile.level, index: tile.index)
            guard let stored = found[place] else {
                carry.report.note(place.first, "the tile of level \(tile.level) from here on is missing")
                continue
            }
            if stored != tile.node {
                carry.report.note(
                    place.first, "the tile of level \(tile.level) from here on is not the tree's")
            }
        }
        carry.isTainted = false
        carry.tileStart = carry.frontier
    }

    // MARK: Commits

    /// Records of one time are one commit. A bad record's time is not known: it goes with those around it.
    private mutating func takeTime(_ entry: RecordCheck.Entry, _ position: Position) throws(LogError) {
        if entry.isBad {
            carry.runIsBad = true
            let first = carry.badRun.flatMap { $0.last.next == position ? $0.first : nil } ?? position
            carry.badRun = TreeCarry.Span(first: first, last: position)
            if first == position, !carry.isTainted {
                carry.rootBeforeBad = TreeCarry.Root(
                    last: Position(position.value - 1), root: carry.frontier.root)
            }
            return
        }
        guard let time = carry.runTime else {
            // The log begins with bad records: whatever commits they were, those are over.
            if let bad = carry.badRun, bad.last.next == position { try takeCheckpoints(through: bad.last) }
            carry.runTime = entry.recordedAt
            if let before = carry.committed, entry.recordedAt <= before.recordedAt {
                carry.report.note(position, "recorded before the record before it")
            }
            return
        }
        if entry.recordedAt == time { return }
        if entry.recordedAt < time { carry.report.note(position, "recorded before the record before it") }
        try endCommit(at: Position(position.value - 1))
        carry.runTime = entry.recordedAt
        carry.runStart = position
        // What was bad just before may have belonged to either commit.
        carry.runIsBad = carry.previous?.isBad ?? false
    }

    private mutating func endCommit(at last: Position) throws(LogError) {
        try takeCheckpoints(through: last)
        guard let time = carry.runTime else { return }
        carry.committed = TreeCarry.Committed(last: last, recordedAt: time)
        if let before = carry.previous, !before.isBad, before.batchIndex + 1 != before.batchCount {
            carry.report.note(last, "the commit ends inside a batch")
        }
        var found = try commits.entries(through: time)
        let own = found.last?.time == time ? found.removeLast() : nil
        noteStrays(found)
        if let entry = own?.entry {
            check(entry, last)
        } else {
            carry.report.note(carry.runStart, "the commit entry of \(time) is missing or damaged")
        }
    }

    private mutating func takeCheckpoints(through last: Position) throws(LogError) {
        guard checkpoints.isDue(last.value) else { return }
        let root = carry.isTainted ? nil : carry.frontier.root
        let before = checkpoints.checked
        let bad = carry.badRun.flatMap { bad in
            bad.last == last
                ? (bad, carry.rootBeforeBad.flatMap { $0.last.next == bad.first ? $0.root : nil }) : nil
        }
        for (size, what) in try checkpoints.take(last.value, root: root, endingBad: bad) {
            carry.report.note(Position(size), what)
        }
        // Carried on: a run that goes on begins behind them.
        carry.report.checkpoints += checkpoints.checked - before
    }

    /// Entries whose records are bad, all of them, are not strays: their times are not known.
    private mutating func noteStrays(_ items: [CommitWalk.Item]) {
        for item in items {
            if let entry = item.entry, let bad = carry.badRun, entry.first >= bad.first,
                entry.last <= bad.last
            {
                continue
            }
            carry.report.note(
                item.entry?.first ?? carry.runStart, "the commit entry of \(item.time) has no records")
        }
    }

    private mutating func check(_ entry: CommitEntry, _ last: Position) {
        carry.report.commits += 1
        if !carry.runIsBad, entry.first != carry.runStart || entry.last != last {
            carry.report.note(
                carry.runStart, "the commit entry says \(entry.first) to \(entry.last), its records \(last)")
        }
        let root: Digest
        if entry.last == last, !carry.isTainted {
            root = carry.frontier.root
        } else if let before = carry.rootBeforeBad, before.last == entry.last {
            root = before.root
        } else {
            return
        }
        if entry.root != root {
            carry.report.note(carry.runStart, "the commit's root is not the tree's")
        } else if carry.report.firstBad.map({ entry.last < $0 }) ?? true {
            carry.report.trustworthyThrough = entry.last
        }
    }

    // MARK: Batches

    private mutating func takeBatch(_ entry: RecordCheck.Entry, _ position: Position) {
        defer { carry.previous = entry }
        if entry.isBad { return }
        guard let before = carry.previous else {
            if entry.batchIndex != 0 { carry.report.note(position, "the log begins inside a batch") }
            return
        }
        if before.isBad { return }
        let inside = before.batchIndex + 1 < before.batchCount
        let follows =
            inside
            ? entry.batchIndex == before.batchIndex + 1 && entry.batchCount == before.batchCount
            : entry.batchIndex == 0
        if !follows { carry.report.note(position, "the batch does not go on from the record before") }
    }

    /// Ends the last commit.
    ///
    /// - Returns: the report, without the indexes' part.
    mutating func finish() throws(LogError) -> VerifyReport {
        let head = carry.report.head
        if head.position > .start, head.position > carry.report.from {
            try endCommit(at: head.position)
            noteStrays(try commits.entries(through: head.recordedAt))
            if carry.report.problemCount == 0, carry.frontier.root != head.root {
                carry.report.note(head.position, "the head's root is not the tree's")
            }
        }
        for (size, what) in try checkpoints.finish() { carry.report.note(Position(size), what) }
        return carry.report
    }
}
