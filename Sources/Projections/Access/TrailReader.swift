import EventLog
import LMDB
import Wire

/// Who looked at whom: positions of receipts, which the log holds.
public struct TrailReader: Sendable {
    let view: ProjectionView<TrailProjection>

    public init(_ view: ProjectionView<TrailProjection>) { self.view = view }

    /// Receipts about any of the subjects and numbers, oldest first.
    public func receipts(about subjects: [StreamToken]) throws(ProjectionError) -> [Position] {
        var found: Set<Position> = []
        for subject in subjects {
            try forEachKey(view.tables.byPatient, prefix: subject.bytes) { key in
                found.insert(Position(bigEndian: key.dropFirst(16)))
            }
        }
        return found.sorted()
    }

    /// Receipts of what the user saw, or asked as an operator, oldest first.
    public func receipts(by user: String) throws(ProjectionError) -> [Position] {
        let prefix = Array(user.utf8) + [0]
        var out: [Position] = []
        try forEachKey(view.tables.byUser, prefix: prefix) { key in
            out.append(Position(bigEndian: key.dropFirst(prefix.count)))
        }
        return out
    }

    /// Every receipt, oldest first.
    public func receipts() throws(ProjectionError) -> [Position] {
        var out: [Position] = []
        try forEachKey(view.tables.receipts, prefix: []) { out.append(Position(bigEndian: $0)) }
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
