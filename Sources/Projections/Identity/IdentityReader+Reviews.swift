import EventLog
import LMDB
import Wire

/// What a person must decide: reviews that were opened, and numbers that several subjects bear.
extension IdentityReader {
    /// Whether the review is open, as of what is folded; nil where there never was one of that id.
    public func isOpen(review id: String) throws(ProjectionError) -> Bool? {
        let key = Array(id.utf8)
        return try reading { (txn, tables) throws(LMDBError) in
            try txn.copy(tables.reviews, key).map { Position(bigEndian: $0) != .start }
        }
    }

    /// Where each review that nobody has decided was opened, oldest first.
    public func openReviews() throws(ProjectionError) -> [Position] {
        try reading { (txn, tables) throws(LMDBError) in
            var out: [Position] = []
            try txn.forEach(tables.reviews, prefix: []) { _, value in
                let at = Position(bigEndian: value)
                if at != .start { out.append(at) }
            }
            return out.sorted()
        }
    }

    /// Numbers that more than one subject has borne, with those subjects. Whether they bear them still is for the caller to ask.
    public func sharedNumbers() throws(ProjectionError) -> [(number: StreamToken, subjects: [StreamToken])] {
        try reading { (txn, tables) throws(LMDBError) in
            var out: [(number: StreamToken, subjects: [StreamToken])] = []
            var last: (number: StreamToken, subjects: [StreamToken])?
            try txn.forEach(tables.numbers, prefix: []) { key, _ in
                guard let number = StreamToken(key.prefix(16)), let subject = StreamToken(key.dropFirst(16))
                else {
                    return
                }
                if last?.number == number {
                    last?.subjects.append(subject)
                } else {
                    if let last, last.subjects.count > 1 { out.append(last) }
                    last = (number, [subject])
                }
            }
            if let last, last.subjects.count > 1 { out.append(last) }
            return out
        }
    }

    private func reading<R>(
        _ body: (borrowing ReadTransaction, IdentityTables) throws(LMDBError) -> R
    ) throws(ProjectionError) -> R {
        let tables = self.tables
        do throws(LMDBError) {
            return try environment.withReadTransaction {
                (txn: borrowing ReadTransaction) throws(LMDBError) -> R in
                try body(txn, tables)
            }
        } catch {
            throw ProjectionError(error)
        }
    }
}
