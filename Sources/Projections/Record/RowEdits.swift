import LMDB

/// Rows to write and to delete, applied in key order: neighbours in one page follow each other.
struct RowEdits {
    struct Edit: Sendable {
        var key: [UInt8]
        /// Nil deletes.
        var value: [UInt8]?
    }

    private var edits: [Edit]

    init(_ edits: [Edit]) {
        self.edits = edits.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    }

    func apply(to database: Database, _ transaction: borrowing WriteTransaction) throws(ProjectionError) {
        do throws(LMDBError) {
            let last = try transaction.withCursor(database) {
                (c: inout Cursor) throws(LMDBError) -> [UInt8]? in
                try c.last() ? [UInt8](c.key) : nil
            }
            for edit in edits where edit.value == nil { try transaction.delete(database, edit.key) }
            for edit in edits {
                guard let value = edit.value else { continue }
                let isLast = last.map { $0.lexicographicallyPrecedes(edit.key) } ?? true
                try transaction.put(database, edit.key, value, isLast ? .append : [])
            }
        } catch { throw ProjectionError(error) }
    }
}
