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

    /// Where what is known of a subject changed, newest first.
    public func changes(of subject: StreamToken) throws(ProjectionError) -> [Position] {
        try read { (txn, tables, position) throws(LMDBError) in
            try tables.changes(of: subject, upTo: position, in: txn)
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

    /// When the newest word on it was said, by what messages carry beside facts (`UpdateFacts.Word`); nil where none did.
    public func newestWord(about thing: UInt64) throws(ProjectionError) -> Instant? {
        try read { (txn, tables, position) throws(LMDBError) in
            try tables.newestWord(about: thing, at: position, in: txn)
        }
    }

    /// Where erasures of the streams were ordered, oldest first: all that are folded, whatever the position. What is gone is
    /// gone from answers as of any time.
    public func erasures(of streams: [StreamToken]) throws(ProjectionError) -> [Position] {
        try read { (txn, tables, _) throws(LMDBError) in
            var out: [Position] = []
            for stream in streams {
                try txn.forEach(tables.erased, prefix: stream.bytes) { key, _ in
                    out.append(Position(bigEndian: key.dropFirst(16)))
                }
            }
            return out.sorted()
        }
    }

    /// Every erasure ordered, oldest first.
    public func erasures() throws(ProjectionError) -> [(stream: StreamToken, position: Position)] {
        try read { (txn, tables, _) throws(LMDBError) in
            var out: [(stream: StreamToken, position: Position)] = []
            try txn.forEach(tables.erased, prefix: []) { key, _ in
                guard let stream = StreamToken(key.prefix(16)) else { return }
                out.append((stream, Position(bigEndian: key.dropFirst(16))))
            }
            return out.sorted { $0.position < $1.position }
        }
    }

    /// Everything that any assertion or replacement ever said of a subject's numbers, and where the assertions are.
    public func history(of subject: StreamToken) throws(ProjectionError) -> (
        numbers: Set<StreamToken>, assertions: [Position]
    ) {
        let rows = try read { (txn, tables, _) throws(LMDBError) in
            var rows: [ArraySlice<UInt8>] = []
            try txn.forEach(tables.states, prefix: subject.bytes) { _, value in rows.append(value) }
            return rows
        }
        var (numbers, assertions) = (Set<StreamToken>(), Set<Position>())
        for row in rows {
            do throws(WireError) {
                let state = try IdentityState(decoding: Array(row)[...])
                numbers.formUnion(state.borne.map(\.token))
                numbers.formUnion(state.stated.map(\.token))
                numbers.formUnion(state.removed)
                if state.position > .start { assertions.insert(state.position) }
            } catch { throw .damaged(what: "identity state of \(subject): \(error)") }
        }
        return (numbers, assertions.sorted())
    }

    /// What each source sent, by ODS code: as of what is folded.
    public func feedCounts() throws(ProjectionError) -> [String: FeedCounts] {
        let rows = try read { (txn, tables, _) throws(LMDBError) in
            var rows: [(String, ArraySlice<UInt8>)] = []
            try txn.forEach(tables.counts, prefix: []) { key, value in
                rows.append((String(decoding: key, as: UTF8.self), value))
            }
            return rows
        }
        var out: [String: FeedCounts] = [:]
        for (source, bytes) in rows {
            do throws(WireError) { out[source] = try FeedCounts(decoding: bytes) } catch {
                throw .damaged(what: "the counts of a feed: \(error)")
            }
        }
        return out
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
