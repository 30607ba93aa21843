import EventLog
import Foundation
import LMDB
import Wire

/// One generation of a projection, open: its environment, its tables, and how far it is folded.
///
/// Readers keep the view they began with; its environment closes when the last of them is done.
public final class ProjectionView<P: Projection>: Sendable {
    public let projection: P
    public let tables: P.Tables
    public let environment: Environment
    let generation: Int
    private let meta: Database
    private let mark: UseMark?

    init(_ projection: P, folder: ViewFolder, generation: Int) throws(ProjectionError) {
        let path = folder.path(generation: generation)
        let options = projection.options
        mark = options.durability == .none ? UseMark(folder: path) : nil
        if let mark {
            guard !mark.isStale else {
                throw .damaged(what: "\(path): the machine stopped while it was in use")
            }
            try mark.set()
        }
        self.projection = projection
        self.generation = generation
        do throws(LMDBError) {
            environment = try Environment(
                path: path,
                options: EnvironmentOptions(
                    maxMapBytes: options.mapBytes, maxDatabases: options.maximumDatabases + 1,
                    durability: options.durability))
            meta = try environment.openDatabase(Checkpoint.databaseName)
        } catch {
            throw ProjectionError(error)
        }
        tables = try projection.openTables(in: environment)
    }

    /// Opens a view for nothing but to be looked at, beside whoever folds it: no mark is set, nothing is written.
    init(examining projection: P, folder: ViewFolder, generation: Int) throws(ProjectionError) {
        (self.projection, self.generation, mark) = (projection, generation, nil)
        do throws(LMDBError) {
            environment = try Environment(
                path: folder.path(generation: generation),
                options: EnvironmentOptions(
                    maxMapBytes: 0, maxDatabases: projection.options.maximumDatabases + 1, readOnly: true))
            meta = try environment.openDatabase(Checkpoint.databaseName, create: false)
        } catch { throw ProjectionError(error) }
        tables = try projection.openTables(in: environment)
    }

    /// The position the view is folded to, read in the transaction that reads the tables, so that both are one snapshot.
    public func position(_ transaction: borrowing some Transaction & ~Copyable) throws(ProjectionError)
        -> Position
    {
        try checkpoint(transaction)?.position ?? .start
    }

    func checkpoint(
        _ transaction: borrowing some Transaction & ~Copyable
    ) throws(ProjectionError) -> Checkpoint? {
        let bytes: [UInt8]?
        do throws(LMDBError) {
            bytes = try transaction.copy(meta, Checkpoint.key)
        } catch { throw ProjectionError(error) }
        guard let bytes else { return nil }
        do throws(WireError) {
            return try Checkpoint(decoding: bytes)
        } catch { throw .damaged(what: "checkpoint: \(error)") }
    }

    var position: Position {
        get throws(ProjectionError) {
            try environment.withReadTransaction {
                (t: borrowing ReadTransaction) throws(ProjectionError) -> Position in try position(t)
            }
        }
    }

    /// Whether the view was folded from this very log, by this version.
    func belongs(to source: some RecordSource) throws(ProjectionError) -> Bool {
        let found = try environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(ProjectionError) -> Checkpoint? in try checkpoint(t)
        }
        guard let checkpoint = found else { return true }
        guard checkpoint.version == projection.version else { return false }
        do throws(LogError) {
            return checkpoint.leaf == (try Checkpoint.leaf(of: checkpoint.position, in: source))
        } catch .notFound {
            // Past the head: of another log, or of a later state of this one.
            return false
        } catch { throw .log(error) }
    }

    /// Folds a prepared batch and moves the checkpoint, in one transaction.
    func fold(_ prepared: P.Prepared, through checkpoint: Checkpoint) throws(ProjectionError) {
        try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(ProjectionError) in
            try projection.fold(prepared, into: tables, t)
            do throws(LMDBError) {
                try t.put(meta, Checkpoint.key, checkpoint.encoded)
            } catch { throw ProjectionError(error) }
        }
    }

    /// Moves the checkpoint alone, over what is folded already.
    func move(to checkpoint: Checkpoint) throws(ProjectionError) {
        do throws(LMDBError) {
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                try t.put(meta, Checkpoint.key, checkpoint.encoded)
            }
        } catch { throw ProjectionError(error) }
    }

    /// Closes what is removed next: to sync it would only keep the disk from others.
    func abandon() { environment.close() }

    /// Syncs and closes. The view's readers finish first.
    func close() {
        if mark != nil, (try? environment.sync()) != nil { mark?.clear() }
        environment.close()
    }
}
