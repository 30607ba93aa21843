import Wire

/// What the sequential part of `verify` carries from record to record: a value, which can be written down and gone on from.
struct TreeCarry: Sendable, Hashable {
    /// A commit that has ended.
    struct Committed: Sendable, Hashable {
        var last: Position
        var recordedAt: Instant
    }

    var report: VerifyReport
    var frontier = MerkleFrontier()
    /// The frontier at the last complete tile.
    var tileStart = MerkleFrontier()
    /// A bad record since the last complete tile: no root can be computed until it is complete.
    var isTainted = false
    var committed: Committed?

    /// The commit that the current records belong to.
    var runStart = Position(1)
    var runTime: Instant?
    var runIsBad = false
    var previous: RecordCheck.Entry?
    /// The newest bad records without a good one between them.
    var badRun: Span?
    /// The root just before them: a commit that ends there can still be checked.
    var rootBeforeBad: Root?

    struct Span: Sendable, Hashable {
        var first: Position
        var last: Position
    }

    struct Root: Sendable, Hashable {
        var last: Position
        var root: Digest
    }

    /// From the log's beginning.
    init(head: LogHead) { report = VerifyReport(head: head) }

    /// From the end of a commit that was verified before.
    init(
        head: LogHead, after position: Position, newest: RecordHeader, frontier: MerkleFrontier,
        tileStart: MerkleFrontier
    ) {
        report = VerifyReport(head: head)
        report.from = position
        report.trustworthyThrough = position
        (self.frontier, self.tileStart) = (frontier, tileStart)
        committed = Committed(last: position, recordedAt: newest.recordedAt)
        runStart = position.next
        previous = RecordCheck.Entry(
            leaf: newest.leafHash, recordedAt: newest.recordedAt, batchIndex: newest.batchIndex,
            batchCount: newest.batchCount, isBad: false)
    }

    /// The position reached.
    var position: Position { Position(frontier.count) }

    /// Whether it can be written down: nothing is open but a commit and a batch.
    var isClean: Bool { !isTainted && !(previous?.isBad ?? false) && frontier.count > 0 }
}
