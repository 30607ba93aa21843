import EventLog
import LMDB
import Wire

/// Who patients are, as of one position that the read model has reached.
///
/// Entries are only ever added, each under the position that made it, so reads as of one position agree with each other
/// without sharing a transaction.
public struct IdentityReader: IdentityLookups, Sendable {
    let environment: Environment
    let tables: IdentityTables
    public let position: Position

    public init(_ view: ProjectionView<IdentityProjection>, at position: Position) {
        (environment, tables, self.position) = (view.environment, view.tables, position)
    }

    public func state(of subject: StreamToken) throws(ProjectionError) -> IdentityState? {
        let tables = self.tables
        let position = self.position
        return try environment.withReadTransaction {
            (txn: borrowing ReadTransaction) throws(ProjectionError) -> IdentityState? in
            try tables.state(of: subject, upTo: position, in: txn)
        }
    }

    public func everBore(_ number: StreamToken) throws(ProjectionError) -> [StreamToken] {
        try read { (txn, tables, position) throws(LMDBError) in
            try tables.everBore(number, at: position, in: txn)
        }
    }

    public func edges(of subject: StreamToken) throws(ProjectionError) -> [IdentityEdge] {
        try read { (txn, tables, position) throws(LMDBError) in
            try tables.edges(of: subject, at: position, in: txn)
        }
    }

    public func firstSeen(_ subject: StreamToken) throws(ProjectionError) -> Position? {
        try read { (txn, tables, position) throws(LMDBError) in
            try tables.firstSeen(subject, at: position, in: txn)
        }
    }

    public func lastUpdate(from source: String) throws(ProjectionError) -> Instant? {
        try read { (txn, tables, position) throws(LMDBError) in
            try tables.lastUpdate(from: source, at: position, in: txn)
        }
    }

    /// Whose the item is, by the last message that said so; nil where none did.
    public func owner(of claim: UInt64) throws(ProjectionError) -> StreamToken? {
        try read { (txn, tables, position) throws(LMDBError) in
            try tables.owners.owner(of: claim, at: position, in: txn)
        }
    }

    private func read<R>(
        _ body: (borrowing ReadTransaction, IdentityTables, Position) throws(LMDBError) -> R
    ) throws(ProjectionError) -> R {
        let tables = self.tables
        let position = self.position
        do throws(LMDBError) {
            return try environment.withReadTransaction {
                (txn: borrowing ReadTransaction) throws(LMDBError) -> R in
                try body(txn, tables, position)
            }
        } catch {
            throw ProjectionError(error)
        }
    }
}
