import CareRecord
import Ciphers
import EventLog
import LMDB
import Wire

/// Reads records as of a position, within one snapshot of the view.
///
/// A category costs a seek, an opening and an unzipping; in the tail of an open chapter, one of each for every row of it.
public struct RecordReader: Sendable {
    let tables: RecordTables
    let keys: RecordKeys

    /// What a subject's record holds at a position, category by category in the order of their raw values; items in the byte order of
    /// type, then id.
    ///
    /// - Parameters:
    ///   - position: at most what the view is folded to; beyond it the answer is as of what is folded.
    ///   - categories: nil for all.
    /// - Throws: `keyDestroyed` where the subject was erased; `damaged` where a stored byte is not what was written.
    public func state(
        of subject: StreamToken, at position: Position, categories: Set<Category>? = nil,
        _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [CategoryRecord] {
        try transaction.withCursor(tables.chapters) {
            (cursor: inout Cursor) throws(ProjectionError) -> [CategoryRecord] in
            var out: [CategoryRecord] = []
            var wanted = RecordRowKey(token: subject, category: 0, first: position.value)
            while try seek(&cursor, wanted), let found = RecordRowKey(cursor.key), found.token == subject {
                if found.category != wanted.category {
                    wanted.category = found.category
                    if found.first > position.value { continue }
                }
                guard let category = Category(rawValue: found.category) else {
                    throw .damaged(what: "a row of category \(found.category)")
                }
                if categories?.contains(category) ?? true {
                    let rows = try openRows(&cursor, from: found)
                    let record = try assemble(rows, category, through: position)
                    if !record.versions.isEmpty { out.append(record) }
                }
                guard found.category < UInt8.max else { break }
                wanted.category = found.category + 1
            }
            return out
        }
    }

    private func seek(_ cursor: inout Cursor, _ key: RecordRowKey) throws(ProjectionError) -> Bool {
        do throws(LMDBError) {
            return try cursor.seek(key.bytes)
        } catch { throw ProjectionError(error) }
    }

    /// Opens the row the cursor stands at and those before it, down to the chapter's: newest first.
    func openRows(
        _ cursor: inout Cursor, from newest: RecordRowKey
    ) throws(ProjectionError) -> [OpenedRow] {
        var rows: [OpenedRow] = []
        var key = newest
        while true {
            let value = cursor.value
            let header: RowHeader
            let sealedAt: Int
            do throws(WireError) {
                (header, sealedAt) = try RowHeader.decode(Span(_unsafeBytes: value))
            } catch { throw .damaged(what: "a row of \(key.token): \(error)") }
            guard let secret = try keys.key(KeySlot(header.slot)) else {
                throw .keyDestroyed(KeySlot(header.slot))
            }
            rows.append(
                try RowCodec.open(value, at: key, with: secret, header: header, sealedAt: sealedAt))
            if header.kind == .chapter { return rows }
            let hasMore: Bool
            do throws(LMDBError) { hasMore = try cursor.next() } catch { throw ProjectionError(error) }
            guard hasMore, let next = RecordRowKey(cursor.key), next.token == key.token,
                next.category == key.category
            else { throw .damaged(what: "a tail of \(key.token) without its chapter") }
            key = next
        }
    }

    private func assemble(
        _ rows: [OpenedRow], _ category: Category, through position: Position
    ) throws(ProjectionError) -> CategoryRecord {
        var needed = 0
        for row in rows {
            for frame in row.frames where frame.first <= position.value { needed += frame.count }
        }
        guard needed <= RowCodec.maximumBytes else {
            throw .tooLarge(what: "bytes of a category", bytes: needed, limit: RowCodec.maximumBytes)
        }
        let bytes = try [UInt8](capacity: needed) { (out: inout OutputSpan<UInt8>) throws(ProjectionError) in
            for row in rows.reversed() {
                for frame in row.frames where frame.first <= position.value {
                    try RowCodec.unpack(frame, of: row, into: &out)
                }
            }
        }
        guard bytes.count == needed else { throw .damaged(what: "a frame's length") }
        do throws(WireError) {
            var assembly = RecordAssembly(through: position)
            var at = 0
            for row in rows.reversed() {
                for (index, frame) in row.frames.enumerated() where frame.first <= position.value {
                    let range = at..<at + frame.count
                    at += frame.count
                    switch (row.header.kind, index) {
                    case (.chapter, 0):
                        try assembly.readKeyframe(bytes.span, range)
                        if !row.added.isEmpty { try assembly.expect(added: row.added) }
                    case (.chapter, _): _ = try assembly.readChanges(bytes.span, range)
                    case (.tail, _): try assembly.readTail(bytes.span, range)
                    }
                }
            }
            return CategoryRecord(category: category, bytes: bytes, versions: assembly.versions())
        } catch { throw .damaged(what: "a frame of category \(category): \(error)") }
    }
}
