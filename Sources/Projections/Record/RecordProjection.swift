import CareRecord
import EventLog
import LMDB
import Wire

/// The read model of patients' records: every version of every item, as of any position.
///
/// Its input are the source updates of the log, and orders to erase: an order takes the subject's rows before it. Whatever the batches, folding the same log leaves the same rows.
public struct RecordProjection: Projection {
    public let name = "record"
    public let version = 6
    public let options: ProjectionOptions
    let keys: RecordKeys
    var runLimits = RecordRun.Limits()

    /// Sealed bytes folded in one transaction. More of them means fewer tails written twice, and more memory: about eight times as much.
    public static var batchBytes: Int { 24 << 20 }

    public init(keys: RecordKeys, mapBytes: Int = 1 << 40) {
        self.keys = keys
        options = ProjectionOptions(
            mapBytes: mapBytes, maximumDatabases: RecordTables.databases, batchBytes: Self.batchBytes)
    }

    public func openTables(in environment: Environment) throws(ProjectionError) -> RecordTables {
        do throws(LMDBError) {
            return try RecordTables(environment)
        } catch { throw ProjectionError(error) }
    }

    public func wants(_ header: RecordHeader) -> Bool {
        header.recordClass == .sourceUpdate && header.slotA != .none && !header.stream.isNone
            || header.ordersErasure
    }

    /// Reads the view within a snapshot of it.
    public func reader(_ view: ProjectionView<Self>) -> RecordReader {
        RecordReader(tables: view.tables, keys: keys)
    }

    // MARK: Folding

    public func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> SubjectBatch {
        SubjectBatch(batch)
    }

    public func fold(
        _ batch: SubjectBatch, into tables: RecordTables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        let shares = batch.shares(Self.shares)
        var items = try RowEdits(tables.items, transaction)
        var chapters = try RowEdits(tables.chapters, transaction)
        // What is folded reads the last commit, so that writing its rows may begin before all is folded.
        try ParallelWork.inOrder(
            count: shares.count,
            make: { (share) throws(ProjectionError) -> SubjectFold.Edits in
                let subjects = SubjectFold(tables: tables, keys: keys)
                return try tables.environment.withReadTransaction {
                    (t: borrowing ReadTransaction) throws(ProjectionError) -> SubjectFold.Edits in
                    var edits = SubjectFold.Edits()
                    for subject in shares[share] { try subjects.fold(subject, into: &edits, t) }
                    return edits
                }
            },
            take: { (edits) throws(ProjectionError) in
                try items.apply(edits.items, transaction)
                try chapters.apply(edits.chapters, transaction)
            })
    }

    public func foldRun(
        after: Position, through: Position, from source: some RecordSource, into tables: RecordTables
    ) throws(ProjectionError) -> Position {
        let run = try RecordRun(after: after, through: through, source, limits: runLimits, wants: wants)
        try RecordRunFold(projection: self, tables: tables, source: source, run: run).write()
        return run.through
    }

    /// Pieces that a batch is folded in, over all cores.
    static var shares: Int { 32 }

    // MARK: Comparing

    public func comparedDatabases(_ tables: RecordTables) -> [Database] { [tables.items] }

    public func difference(
        _ a: borrowing ReadTransaction, _ aTables: RecordTables, _ b: borrowing ReadTransaction,
        _ bTables: RecordTables
    ) throws(ProjectionError) -> String? {
        if let found = try ViewComparison.firstDifference(a, aTables.items, b, bTables.items) { return found }
        return try RowComparison(keys: keys).firstDifference(a, aTables.chapters, b, bTables.chapters)
    }
}
