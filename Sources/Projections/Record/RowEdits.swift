import EventLog
import LMDB
import Wire

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
    /// Keys ascend: once past it, all are.
    private var isPast: Bool
    private var room = ByteWriter(capacity: 256)

    init(_ database: Database, _ transaction: borrowing WriteTransaction) throws(ProjectionError) {
        self.database = database
        do throws(LMDBError) {
            last = try transaction.withCursor(database) {
                (c: inout Cursor) throws(LMDBError) -> [UInt8]? in
                try c.last() ? [UInt8](c.key) : nil
            }
        } catch { throw ProjectionError(error) }
        isPast = last == nil
    }

    /// - Parameter edits: in key order, and after those applied before.
    mutating func apply(
        _ edits: [Edit], _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        for edit in edits {
            if let value = edit.value {
                try put(edit.key, 0..<edit.key.count, value, 0..<value.count, transaction)
            } else {
                try delete(edit.key, transaction)
            }
        }
    }

    /// The same of the item index.
    mutating func apply(
        _ edits: [ItemIndexFold.Edit], _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        for edit in edits {
            guard let entry = edit.entry else {
                try delete(edit.key.bytes, transaction)
                continue
            }
            room.bytes.removeAll(keepingCapacity: true)
            edit.key.encode(into: &room)
            entry.encode(into: &room)
            let bytes = room.bytes
            try put(
                bytes, 0..<ItemIndexKey.byteCount, bytes, ItemIndexKey.byteCount..<bytes.count, transaction)
        }
    }

    private func delete(
        _ key: [UInt8], _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        BackgroundWork.giveWay(Self.editBytes)
        do throws(LMDBError) { try transaction.delete(database, key) } catch { throw ProjectionError(error) }
    }

    private mutating func put(
        _ keyBytes: [UInt8], _ key: Range<Int>, _ valueBytes: [UInt8], _ value: Range<Int>,
        _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        BackgroundWork.giveWay(Self.editBytes + value.count)
        if !isPast, let last { isPast = last.lexicographicallyPrecedes(keyBytes[key]) }
        let flags: PutFlags = isPast ? .append : []
        let result = keyBytes.withUnsafeBytes { k in
            valueBytes.withUnsafeBytes { v in
                Result { () throws(LMDBError) in
                    try transaction.put(
                        database, UnsafeRawBufferPointer(rebasing: k[key]),
                        UnsafeRawBufferPointer(rebasing: v[value]), flags)
                }
            }
        }
        if case .failure(let error) = result { throw ProjectionError(error) }
    }
}
