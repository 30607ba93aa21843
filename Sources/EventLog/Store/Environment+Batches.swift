import LMDB

extension Environment {
    /// Every entry of a database in key order, in short read transactions of at most `batch` entries.
    ///
    /// Entries written meanwhile past the place reached are seen; what was passed is not seen again.
    func eachBatch(
        of database: Database, batch: Int = 1 << 14,
        _ body: (_ entries: [(key: [UInt8], value: [UInt8])]) throws(LogError) -> Void
    ) throws(LogError) {
        var last: [UInt8]?
        while true {
            let entries = try LogError.keys { () throws(LMDBError) in
                try withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
                    try Self.entries(of: database, after: last, atMost: batch, t)
                }
            }
            guard let newest = entries.last else { return }
            last = newest.key
            try body(entries)
        }
    }

    static func entries(
        of database: Database, after last: [UInt8]?, atMost batch: Int, _ t: borrowing ReadTransaction
    ) throws(LMDBError) -> [(key: [UInt8], value: [UInt8])] {
        try t.withCursor(database) { (cursor: inout Cursor) throws(LMDBError) in
            var out: [(key: [UInt8], value: [UInt8])] = []
            var more: Bool
            if let last {
                more = try cursor.seek(last)
                if more, cursor.key.elementsEqual(last) { more = try cursor.next() }
            } else {
                more = try cursor.first()
            }
            while more, out.count < batch {
                out.append((Array(cursor.key), Array(cursor.value)))
                more = try cursor.next()
            }
            return out
        }
    }
}
