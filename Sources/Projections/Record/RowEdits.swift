import LMDB

/// Rows to write and to delete, applied in key order: neighbours in one page follow each other.
struct RowEdits {
    struct Edit: Sendable {
        var key: [UInt8]
        /// Nil deletes.
        var value: [UInt8]?

        func precedes(_ other: Edit) -> Bool { key.lexicographicallyPrecedes(other.key) }
    }

    private let shares: [[Edit]]

    /// - Parameter shares: each in key order, and each after the one before.
    init(_ shares: [[Edit]]) { self.shares = shares }

    func apply(to database: Database, _ transaction: borrowing WriteTransaction) throws(ProjectionError) {
        do throws(LMDBError) {
            let last = try transaction.withCursor(database) {
                (c: inout Cursor) throws(LMDBError) -> [UInt8]? in
                try c.last() ? [UInt8](c.key) : nil
            }
            for share in shares {
                for edit in share {
                    guard let value = edit.value else {
                        try transaction.delete(database, edit.key)
                        continue
                    }
                    // Past the last key there was, pages are filled whole.
                    let isPast = last.map { $0.lexicographicallyPrecedes(edit.key) } ?? true
                    try transaction.put(database, edit.key, value, isPast ? .append : [])
                }
            }
        } catch { throw ProjectionError(error) }
    }
}
