import EventLog
import LMDB
import Wire

/// A read model folded out of the log into an LMDB environment of its own.
///
/// Write one as a value without mutable state: all it knows is in its tables, in the same transaction as the checkpoint.
/// `ProjectionWorker` does the rest: catching up, waiting, rebuilding beside the old one.
public protocol Projection: Sendable {
    /// Handles of the databases, opened once per environment.
    associatedtype Tables: Sendable
    /// What `prepare` makes of a batch; the batch itself where there is nothing to prepare.
    associatedtype Prepared: Sendable

    /// Names the view's folder, `views/NAME.vVERSION`.
    var name: String { get }
    /// Raised whenever folding the same log gives other contents. A view of another version is built anew.
    var version: Int { get }
    var options: ProjectionOptions { get }

    /// Opens (and creates) the databases. `meta` is the worker's own name.
    func openTables(in environment: Environment) throws(ProjectionError) -> Tables

    /// Whether the projection folds such records. Looked at for every record, so keep it to the header.
    func wants(_ header: RecordHeader) -> Bool

    /// The part of folding that needs no tables (opening, unzipping, decoding). While catching up it runs ahead of
    /// `fold`, on a thread of its own, one batch at a time.
    ///
    /// - Parameter batch: may be cut short (fewer records and a lower `through`, at least one record's worth) where it unzips to
    ///   more than memory should hold; the rest comes again.
    func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> Prepared

    /// Folds a prepared batch. The worker writes the checkpoint in the same transaction and commits.
    func fold(
        _ prepared: Prepared, into tables: Tables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError)

    /// Folds a long run of the log into a view that only its builder has open, in any order and as many transactions as suit: cut short,
    /// the view is thrown away.
    ///
    /// - Returns: how far it came; `after` where batches are as good, which is the default.
    func foldRun(
        after: Position, through: Position, from source: some RecordSource, into tables: Tables
    ) throws(ProjectionError) -> Position

    /// The first difference between two views folded to the same position, as text; nil where they are equal.
    ///
    /// The default compares the databases named in `options` byte for byte. A projection that seals what it keeps
    /// compares what its rows open to.
    func difference(
        _ a: borrowing ReadTransaction, _ aTables: Tables, _ b: borrowing ReadTransaction, _ bTables: Tables
    ) throws(ProjectionError) -> String?

    /// The databases that the default comparison reads.
    func comparedDatabases(_ tables: Tables) -> [Database]
}

extension Projection where Prepared == RecordBatch {
    public func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> RecordBatch { batch }
}

extension Projection {
    public var options: ProjectionOptions { ProjectionOptions() }

    public func foldRun(
        after: Position, through: Position, from source: some RecordSource, into tables: Tables
    ) throws(ProjectionError) -> Position { after }

    public func difference(
        _ a: borrowing ReadTransaction, _ aTables: Tables, _ b: borrowing ReadTransaction, _ bTables: Tables
    ) throws(ProjectionError) -> String? {
        for (left, right) in zip(comparedDatabases(aTables), comparedDatabases(bTables)) {
            if let found = try ViewComparison.firstDifference(a, left, b, right) { return found }
        }
        return nil
    }
}

/// How a projection's environment is opened and fed.
public struct ProjectionOptions: Sendable {
    /// Address space of the environment, bytes: not disk.
    public var mapBytes: Int
    public var maximumDatabases: Int
    /// Bytes of records (sealed, as stored) folded in one transaction, about.
    public var batchBytes: Int
    /// `.none`: no syncs. After the machine (not the process) stopped uncleanly the view is built anew.
    public var durability: EnvironmentOptions.Durability

    public init(
        mapBytes: Int = 64 << 30, maximumDatabases: Int = 16, batchBytes: Int = 4 << 20,
        durability: EnvironmentOptions.Durability = .none
    ) {
        (self.mapBytes, self.maximumDatabases) = (mapBytes, maximumDatabases)
        (self.batchBytes, self.durability) = (batchBytes, durability)
    }
}
