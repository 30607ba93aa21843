import EventLog
import LMDB
import Wire

/// Where a version of an item is in the log.
public struct ItemPlace: Hashable, Sendable {
    public var position: Position
    /// Its place among the items of the event's part A.
    public var itemIndex: Int
    /// Whether it was in force as of its own position; false for an older message that came late.
    public var wasInForce: Bool
}

extension RecordReader {
    /// The version of an item in force at a position: the record and the item in it. One seek.
    ///
    /// - Parameter item: FHIR type and Daybook id.
    /// - Returns: nil where the subject held no version of it by then.
    public func place(
        of item: (type: String, id: String), under subject: StreamToken, at position: Position,
        _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> ItemPlace? {
        var found: ItemPlace?
        let name = (type: Array(item.type.utf8)[...], id: Array(item.id.utf8)[...])
        try eachEntry(of: name, under: subject, through: position, transaction) { entry in
            let version = entry.winner
            found = ItemPlace(
                position: Position(version.position), itemIndex: Int(version.itemIndex), wasInForce: true)
            return false
        }
        return found
    }

    /// Every version of an item up to a position, newest first, late ones among them.
    ///
    /// - Parameters:
    ///   - item: FHIR type and Daybook id, as UTF-8.
    ///   - limit: at most so many.
    public func history(
        of item: (type: ArraySlice<UInt8>, id: ArraySlice<UInt8>), under subject: StreamToken,
        through position: Position,
        limit: Int,
        _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [ItemPlace] {
        var out: [ItemPlace] = []
        try eachEntry(of: item, under: subject, through: position, transaction) { entry in
            guard out.count < limit else { return false }
            out.append(
                ItemPlace(
                    position: Position(entry.version.position), itemIndex: Int(entry.version.itemIndex),
                    wasInForce: entry.inForce == nil))
            return true
        }
        return out
    }

    /// The same of names as text.
    public func history(
        of item: (type: String, id: String), under subject: StreamToken, through position: Position,
        limit: Int, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [ItemPlace] {
        let name = (type: Array(item.type.utf8)[...], id: Array(item.id.utf8)[...])
        return try history(of: name, under: subject, through: position, limit: limit, transaction)
    }

    /// Where a subject's items changed, after a position and up to another, ascending.
    public func changes(
        of subject: StreamToken, after start: Position, through end: Position,
        _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [Position] {
        var out: Set<Position> = []
        let first = ItemIndexKey(subject: subject.high, item: 0, position: .max)
        try transaction.withCursor(tables.items) { (cursor: inout Cursor) throws(ProjectionError) in
            do throws(LMDBError) {
                guard try cursor.seek(first.bytes) else { return }
                while let key = ItemIndexKey(cursor.key), key.subject == first.subject {
                    if key.position > start.value, key.position <= end.value {
                        out.insert(Position(key.position))
                    }
                    guard try cursor.next() else { return }
                }
            } catch { throw ProjectionError(error) }
        }
        return out.sorted()
    }

    private func eachEntry(
        of item: (type: ArraySlice<UInt8>, id: ArraySlice<UInt8>), under subject: StreamToken,
        through position: Position,
        _ transaction: borrowing ReadTransaction, _ visit: (ItemIndexEntry) -> Bool
    ) throws(ProjectionError) {
        let hash = ItemIndexKey.hash(keys.itemSalt(subject), type: item.type, id: item.id)
        let start = ItemIndexKey(subject: subject.high, item: hash, position: position.value)
        try transaction.withCursor(tables.items) { (cursor: inout Cursor) throws(ProjectionError) in
            do throws(LMDBError) {
                guard try cursor.seek(start.bytes) else { return }
            } catch { throw ProjectionError(error) }
            while let key = ItemIndexKey(cursor.key), key.subject == start.subject, key.item == hash {
                let entry: ItemIndexEntry
                do throws(WireError) {
                    entry = try ItemIndexEntry(decoding: [UInt8](cursor.value), position: key.position)
                } catch { throw .damaged(what: "an entry of the item index: \(error)") }
                guard visit(entry) else { return }
                do throws(LMDBError) {
                    guard try cursor.next() else { return }
                } catch { throw ProjectionError(error) }
            }
        }
    }
}
