import EventLog
import LMDB

/// Writes and deletes rows of one database in key order: neighbours in one page follow each other.
struct RowEdits {
    struct Edit: Sendable {
        var key: [UInt8]
        /// Nil deletes.
        var value: [UInt8]?

        func precedes(_ other: Edit) -> Bool { key.lexicographicallyPrecedes(other.key) }
    }

    /// What finding an entry's page counts for.
    private static let editBytes = 1024

    private let database: Database
    /// The last key before any edit: past it, pages are filled whole.
    private let last: [UInt8]?

    init(_ database: Database, _ transaction: borrowing WriteTransaction) throws(ProjectionError) {
        self.database = database
        do throws(LMDBError) {
            last = try transaction.withCursor(database) {
                (c: inout Cursor) throws(LMDBError) -> [UInt8]? in
                try c.last() ? [UInt8](c.key) : nil
            }
        } catch { throw ProjectionError(error) }
    }

    /// - Parameter edits: in key order, and after those applied before.
    func apply(_ edits: [Edit], _ transaction: borrowing WriteTransaction) throws(ProjectionError) {
        do throws(LMDBError) {
            for edit in edits {
                BackgroundWork.giveWay(Self.editBytes + (edit.value?.count ?? 0))
                guard let value = edit.value else {
                    try transaction.delete(database, edit.key)
                    continue
                }
                let isPast = last.map { $0.lexicographicallyPrecedes(edit.key) } ?? true
                try transaction.put(database, edit.key, value, isPast ? .append : [])
            }
        } catch { throw ProjectionError(error) }
    }
}
