import EventLog
import LMDB
import Wire

/// Who looked at whom: positions of receipts, which the log holds.
public struct TrailReader: Sendable {
    let view: ProjectionView<TrailProjection>

    public init(_ view: ProjectionView<TrailProjection>) { self.view = view }

    /// Everything there is.
    public static let everywhere = Position.start...Position(.max)

    /// Receipts about any of the subjects and numbers, oldest first.
    ///
    /// - Parameters:
    ///   - range: where they stand.
    ///   - most: the oldest of them, at most so many.
    public func receipts(
        about subjects: [StreamToken], in range: ClosedRange<Position> = everywhere, most: Int = .max
    ) throws(ProjectionError) -> [Position] {
        var found: Set<Position> = []
        for subject in subjects {
            found.formUnion(try positions(view.tables.byPatient, under: subject.bytes, range, most))
        }
        return Array(found.sorted().prefix(most))
    }

    /// Receipts of what the user saw, or asked as an operator, oldest first.
    public func receipts(
        by user: String, in range: ClosedRange<Position> = everywhere, most: Int = .max
    ) throws(ProjectionError) -> [Position] {
        try positions(view.tables.byUser, under: TrailTables.userKey(user), range, most)
    }

    /// Digests of the assertions that got a token, newest first.
    public func assertions(limit: Int) throws(ProjectionError) -> [Digest] {
        var out: [Digest] = []
        let tables = view.tables
        do throws(LMDBError) {
            try view.environment.withReadTransaction { (txn: borrowing ReadTransaction) throws(LMDBError) in
                try txn.withCursor(tables.signIns) { (cursor) throws(LMDBError) in
                    var found = try cursor.last()
                    while found, out.count < limit {
                        if let digest = Digest(unsafe Array(cursor.value)) { out.append(digest) }
                        found = try cursor.previous()
                    }
                }
            }
        } catch { throw ProjectionError(error) }
        return out
    }

    /// Every receipt, oldest first.
    public func receipts(
        in range: ClosedRange<Position> = everywhere, most: Int = .max
    ) throws(ProjectionError) -> [Position] {
        try positions(view.tables.receipts, under: [], range, most)
    }

    /// The positions that follow a prefix, within a range.
    private func positions(
        _ database: Database, under prefix: [UInt8], _ range: ClosedRange<Position>, _ most: Int
    ) throws(ProjectionError) -> [Position] {
        var out: [Position] = []
        do throws(LMDBError) {
            try view.environment.withReadTransaction { (txn: borrowing ReadTransaction) throws(LMDBError) in
                try txn.withCursor(database) { (cursor: inout Cursor) throws(LMDBError) in
                    var found = try cursor.seek(prefix + ascending(range.lowerBound))
                    while found, out.count < most, cursor.key.starts(with: prefix),
                        cursor.key.count == prefix.count + 8
                    {
                        let position = Position(bigEndian: [UInt8](cursor.key)[prefix.count...])
                        if position > range.upperBound { break }
                        out.append(position)
                        found = try cursor.next()
                    }
                }
            }
        } catch { throw ProjectionError(error) }
        return out
    }

    /// Alerts, oldest first: every one, or those about any of the subjects and numbers.
    public func alerts(about subjects: [StreamToken]?) throws(ProjectionError) -> [Position] {
        var found: Set<Position> = []
        guard let subjects else {
            try forEachKey(view.tables.alerts, prefix: []) { found.insert(Position(bigEndian: $0)) }
            return found.sorted()
        }
        for subject in subjects {
            try forEachKey(view.tables.alertsByPatient, prefix: subject.bytes) { key in
                found.insert(Position(bigEndian: key.dropFirst(16)))
            }
        }
        return found.sorted()
    }

    /// Quarantined messages that nothing closed yet, oldest first.
    public func openQuarantine() throws(ProjectionError) -> [Position] {
        var out: [Position] = []
        let tables = view.tables
        do throws(LMDBError) {
            try view.environment.withReadTransaction { (txn: borrowing ReadTransaction) throws(LMDBError) in
                try txn.forEach(tables.quarantine, prefix: []) { key, value in
                    if value.isEmpty { out.append(Position(bigEndian: key)) }
                }
            }
        } catch { throw ProjectionError(error) }
        return out
    }

    /// Where the record stands that closed a quarantined message; nil while it is open.
    public func closing(of position: Position) throws(ProjectionError) -> Position? {
        let tables = view.tables
        do throws(LMDBError) {
            return try view.environment.withReadTransaction {
                (txn: borrowing ReadTransaction) throws(LMDBError) in
                try txn.copy(tables.quarantine, ascending(position)).flatMap { value in
                    value.isEmpty ? nil : Position(bigEndian: value)
                }
            }
        } catch { throw ProjectionError(error) }
    }

    /// Every quarantined message, closed or not, oldest first.
    public func allQuarantine() throws(ProjectionError) -> [Position] {
        var out: [Position] = []
        try forEachKey(view.tables.quarantine, prefix: []) { out.append(Position(bigEndian: $0)) }
        return out
    }

    private func forEachKey(
        _ database: Database, prefix: [UInt8], _ body: (ArraySlice<UInt8>) -> Void
    ) throws(ProjectionError) {
        do throws(LMDBError) {
            try view.environment.withReadTransaction { (txn: borrowing ReadTransaction) throws(LMDBError) in
                try txn.forEach(database, prefix: prefix) { key, _ in body(key) }
            }
        } catch { throw ProjectionError(error) }
    }
}
