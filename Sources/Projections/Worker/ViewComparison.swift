import EventLog
import LMDB

/// Compares databases of two views, entry by entry: in no more memory than an entry of each takes.
enum ViewComparison {
    /// Whether two values of one key say the same.
    typealias SameValue = (
        _ key: UnsafeRawBufferPointer, _ x: UnsafeRawBufferPointer, _ y: UnsafeRawBufferPointer
    )
        throws(ProjectionError) -> Bool

    static func firstDifference(
        _ a: borrowing ReadTransaction, _ left: Database, _ b: borrowing ReadTransaction, _ right: Database
    ) throws(ProjectionError) -> String? {
        try firstDifference(a, left, b, right) { (_, x, y) throws(ProjectionError) in x.isSame(as: y) }
    }

    static func firstDifference(
        _ a: borrowing ReadTransaction, _ left: Database, _ b: borrowing ReadTransaction, _ right: Database,
        isSame: SameValue
    ) throws(ProjectionError) -> String? {
        try a.withCursor(left) { (x: inout Cursor) throws(ProjectionError) -> String? in
            try b.withCursor(right) { (y: inout Cursor) throws(ProjectionError) -> String? in
                while true {
                    let (moreX, moreY): (Bool, Bool)
                    do throws(LMDBError) {
                        (moreX, moreY) = (try x.next(), try y.next())
                    } catch { throw ProjectionError(error) }
                    BackgroundWork.giveWay(x.value.count + y.value.count + 128)
                    guard moreX, moreY else {
                        return moreX == moreY ? nil : "\(left.name): one has more entries"
                    }
                    guard x.key.isSame(as: y.key), try isSame(x.key, x.value, y.value) else {
                        return "\(left.name): the entries at key \(Self.hex(x.key)) differ"
                    }
                }
            }
        }
    }

    static func hex(_ bytes: UnsafeRawBufferPointer) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
