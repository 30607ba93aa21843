import LMDB
import Wire

/// The sequential part: tree, tiles, commits and batches, fed with checked runs in order.
///
/// Where a record is bad, its stored tile stands in for it once the tile is complete, so that what comes after can
/// still be vouched for, and only what is really wrong is named.
struct TreeCheck {
    private let storage: LogEnvironment
    private(set) var report: VerifyReport
    private var frontier = MerkleFrontier()
    private var tileStart = MerkleFrontier()
    /// A bad record since the last complete tile: no root can be computed until it is complete.
    private var isTainted = false
    private var commits: CommitWalk

    /// The commit that the current records belong to.
    private var runStart = Position(1)
    private var runTime: Instant?
    private var runIsBad = false
    private var previous: RecordCheck.Entry?
    /// The newest bad records without a good one between them.
    private var badRun: (first: Position, last: Position)?
    /// The root just before them: a commit that ends there can still be checked.
    private var rootBeforeBad: (last: Position, root: Digest)?

    init(_ storage: LogEnvironment, head: LogHead) {
        self.storage = storage
        report = VerifyReport(head: head)
        commits = CommitWalk(storage)
    }

    mutating func take(_ run: RecordCheck) throws(LogError) {
        for (position, what) in run.problems { report.note(position, what) }
        let found = try storage.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) in try tiles(of: run, t)
        }
        for (i, entry) in run.entries.enumerated() {
            let position = Position(run.first.value + UInt64(i))
            try takeTime(entry, position)
            takeBatch(entry, position)
            append(entry, found)
            report.records += 1
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
        isTainted = isTainted || entry.isBad
        if frontier.count & 0xFF != 0xFF {
            frontier.append(entry.leaf)
            return
        }
        // The leaf completes a tile. Its root is computed from the leaves, or where one is bad, believed.
        let place = TilePlace(level: 1, index: frontier.count >> 8)
        var completed: [(level: Int, index: UInt64, node: Digest)] = []
        frontier.append(entry.leaf) { level, index, node in completed.append((level, index, node)) }
        if isTainted, let stored = found[place] {
            completed = [(1, place.index, stored)]
            frontier = tileStart
            frontier.appendSubtree(stored, height: 8) { level, index, node in
                completed.append((level, index, node))
            }
        }
        for tile in completed {
            report.tiles += 1
            let place = TilePlace(level: tile.level, index: tile.index)
            guard let stored = found[place] else {
                report.note(place.first, "the tile of level \(tile.level) from here on is missing")
                continue
            }
            if stored != tile.node {
                report.note(place.first, "the tile of level \(tile.level) from here on is not the tree's")
            }
        }
        isTainted = false
        tileStart = frontier
    }

    // MARK: Commits

    /// Records of one time are one commit. A bad record's time is not known: it goes with those around it.
    private mutating func takeTime(_ entry: RecordCheck.Entry, _ position: Position) throws(LogError) {
        if entry.isBad {
            runIsBad = true
            let first = badRun.flatMap { $0.last.next == position ? $0.first : nil } ?? position
            badRun = (first, position)
            if first == position, !isTainted {
                rootBeforeBad = (Position(position.value - 1), frontier.root)
            }
            return
        }
        guard let time = runTime else {
            runTime = entry.recordedAt
            return
        }
        if entry.recordedAt == time { return }
        if entry.recordedAt < time { report.note(position, "recorded before the record before it") }
        try endCommit(at: Position(position.value - 1))
        runTime = entry.recordedAt
        runStart = position
        // What was bad just before may have belonged to either commit.
        runIsBad = previous?.isBad ?? false
    }

    private mutating func endCommit(at last: Position) throws(LogError) {
        guard let time = runTime else { return }
        if let before = previous, !before.isBad, before.batchIndex + 1 != before.batchCount {
            report.note(last, "the commit ends inside a batch")
        }
        var found = try commits.entries(through: time)
        let own = found.last?.time == time ? found.removeLast() : nil
        noteStrays(found)
        if let entry = own?.entry {
            check(entry, last)
        } else {
            report.note(runStart, "the commit entry of \(time) is missing or damaged")
        }
    }

    /// Entries whose records are bad, all of them, are not strays: their times are not known.
    private mutating func noteStrays(_ items: [CommitWalk.Item]) {
        for item in items {
            if let entry = item.entry, let bad = badRun, entry.first >= bad.first, entry.last <= bad.last {
                continue
            }
            report.note(item.entry?.first ?? runStart, "the commit entry of \(item.time) has no records")
        }
    }

    private mutating func check(_ entry: CommitEntry, _ last: Position) {
        report.commits += 1
        if !runIsBad, entry.first != runStart || entry.last != last {
            report.note(
                runStart, "the commit entry says \(entry.first) to \(entry.last), its records \(last)")
        }
        let root: Digest
        if entry.last == last, !isTainted {
            root = frontier.root
        } else if let before = rootBeforeBad, before.last == entry.last {
            root = before.root
        } else {
            return
        }
        if entry.root != root {
            report.note(runStart, "the commit's root is not the tree's")
        } else if report.firstBad.map({ entry.last < $0 }) ?? true {
            report.trustworthyThrough = entry.last
        }
    }

    // MARK: Batches

    private mutating func takeBatch(_ entry: RecordCheck.Entry, _ position: Position) {
        defer { previous = entry }
        if entry.isBad { return }
        guard let before = previous else {
            if entry.batchIndex != 0 { report.note(position, "the log begins inside a batch") }
            return
        }
        if before.isBad { return }
        let inside = before.batchIndex + 1 < before.batchCount
        let follows =
            inside
            ? entry.batchIndex == before.batchIndex + 1 && entry.batchCount == before.batchCount
            : entry.batchIndex == 0
        if !follows { report.note(position, "the batch does not go on from the record before") }
    }

    /// Ends the last commit.
    ///
    /// - Returns: the report, without the indexes' part.
    mutating func finish() throws(LogError) -> VerifyReport {
        if report.head.position > .start {
            try endCommit(at: report.head.position)
            noteStrays(try commits.entries(through: report.head.recordedAt))
            if report.problemCount == 0, frontier.root != report.head.root {
                report.note(report.head.position, "the head's root is not the tree's")
            }
        }
        return report
    }
}
