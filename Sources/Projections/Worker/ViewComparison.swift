import LMDB

/// Compares databases of two views, entry by entry.
enum ViewComparison {
    static func firstDifference(
        _ a: borrowing ReadTransaction, _ left: Database, _ b: borrowing ReadTransaction, _ right: Database
    ) throws(ProjectionError) -> String? {
        try a.withCursor(left) { (x: inout Cursor) throws(ProjectionError) -> String? in
            try b.withCursor(right) { (y: inout Cursor) throws(ProjectionError) -> String? in
                do throws(LMDBError) {
                    while true {
                        let (moreX, moreY) = (try x.next(), try y.next())
                        guard moreX, moreY else {
                            return moreX == moreY ? nil : "\(left.name): one has more entries"
                        }
                        guard x.key.elementsEqual(y.key), x.value.elementsEqual(y.value) else {
                            return "\(left.name): the entries at key \(Self.hex(x.key)) differ"
                        }
                    }
                } catch {
                    throw ProjectionError(error)
                }
            }
        }
    }

    static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
