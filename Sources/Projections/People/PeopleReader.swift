import EventLog
import LMDB

/// Who was ever said to have a family name and a birth date.
public struct PeopleReader: Sendable {
    let view: ProjectionView<PeopleProjection>

    public init(_ view: ProjectionView<PeopleProjection>) { self.view = view }

    /// Subjects under the key, in the order of their tokens: at most so many. One seek.
    public func subjects(
        under key: StreamToken, limit: Int
    ) throws(ProjectionError) -> [StreamToken] {
        let tables = view.tables
        do throws(LMDBError) {
            return try view.environment.withReadTransaction {
                (txn: borrowing ReadTransaction) throws(LMDBError) -> [StreamToken] in
                try txn.withCursor(tables.people) { (cursor: inout Cursor) throws(LMDBError) in
                    var out: [StreamToken] = []
                    var more = try cursor.seek(key.bytes)
                    while more, out.count < limit, cursor.key.starts(with: key.bytes) {
                        if let subject = StreamToken([UInt8](cursor.key)[16...]) { out.append(subject) }
                        more = try cursor.next()
                    }
                    return out
                }
            }
        } catch { throw ProjectionError(error) }
    }
}
