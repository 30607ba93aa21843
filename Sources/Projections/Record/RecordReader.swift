import CareRecord
import Ciphers
import EventLog
import LMDB
import Wire

/// Reads records as of a position, within one snapshot of the view.
///
/// A record costs a seek, an opening and an unzipping; in the tail of an open chapter, one of each for every row of it.
public struct RecordReader: Sendable {
    let tables: RecordTables
    let keys: RecordKeys

    /// What a subject's record holds at a position, category by category in the order of their raw values; items in the byte order of
    /// type, then id.
    ///
    /// - Parameter position: at most what the view is folded to; beyond it the answer is as of what is folded.
    /// - Throws: `keyDestroyed` where the subject was erased; `damaged` where a stored byte is not what was written.
    public func state(
        of subject: StreamToken, at position: Position, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [CategoryRecord] {
        let rows = try transaction.withCursor(tables.chapters) {
            (cursor: inout Cursor) throws(ProjectionError) -> [OpenedRow] in
            let wanted = RecordRowKey(token: subject, first: position.value)
            do throws(LMDBError) {
                guard try cursor.seek(wanted.bytes) else { return [] }
            } catch { throw ProjectionError(error) }
            guard let found = RecordRowKey(cursor.key), found.token == subject else { return [] }
            return try openRows(&cursor, from: found)
        }
        return rows.isEmpty ? [] : try assemble(rows, subject, through: position)
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
            var row = try RowCodec.open(value, at: key, with: secret, header: header, sealedAt: sealedAt)
            let hasMore: Bool
            do throws(LMDBError) { hasMore = try cursor.next() } catch { throw ProjectionError(error) }
            let next = hasMore ? RecordRowKey(cursor.key) : nil
            row.isOldest = next?.token != key.token
            rows.append(row)
            if header.kind == .chapter { return rows }
            guard let next, !row.isOldest else {
                throw .damaged(what: "a tail of \(key.token) without its chapter")
            }
            key = next
        }
    }

    private func assemble(
        _ rows: [OpenedRow], _ subject: StreamToken, through position: Position
    ) throws(ProjectionError) -> [CategoryRecord] {
        let keyframe = rows[rows.count - 1].frames[0].count
        var frames: [Range<Int>] = []
        frames.reserveCapacity(rows.reduce(0) { $0 + $1.changes.count })
        var needed = keyframe
        for row in rows.reversed() {
            for frame in row.changes where frame.first <= position.value {
                frames.append(needed..<needed + frame.count)
                needed += frame.count
            }
        }
        guard needed - keyframe <= RowCodec.maximumBytes else {
            throw .tooLarge(
                what: "bytes of changes", bytes: needed - keyframe, limit: RowCodec.maximumBytes)
        }
        // The patches in force make no more than all the changes together, whole.
        let patched = min(rows[0].header.changedBytes, RowCodec.maximumBytes)
        var state = RecordAssembly.State()
        let bytes = try [UInt8](capacity: needed + patched) {
            (out: inout OutputSpan<UInt8>) throws(ProjectionError) in
            try Self.unzip(rows, through: position, into: &out)
            guard out.count == needed else { throw .damaged(what: "a frame's length") }
            do throws(WireError) {
                state = try RecordAssembly.state(
                    &out, keyframeBytes: keyframe, frames: frames, through: position,
                    events: min(rows[0].header.endEvent, (needed - keyframe) / 8))
            } catch { throw .damaged(what: "a frame of \(subject): \(error)") }
        }
        let buffers = RecordBuffers(
            bytes, earlier: state.earlier, isOldest: rows[rows.count - 1].isOldest)
        var out: [CategoryRecord] = []
        out.reserveCapacity(state.categories.count)
        var start = 0
        for (number, end) in state.categories {
            guard let category = Category(rawValue: number) else {
                throw .damaged(what: "an entry of category \(number)")
            }
            out.append(
                CategoryRecord(category: category, versions: state.versions[start..<end], buffers: buffers))
            start = end
        }
        return out
    }

    /// The keyframe, then the frames of changes that begin by the position, oldest first.
    private static func unzip(
        _ rows: [OpenedRow], through position: Position, into out: inout OutputSpan<UInt8>
    ) throws(ProjectionError) {
        let chapter = rows[rows.count - 1]
        try RowCodec.unpack(chapter.frames[0], of: chapter, into: &out)
        for row in rows.reversed() {
            for frame in row.changes where frame.first <= position.value {
                try RowCodec.unpack(frame, of: row, into: &out)
            }
        }
    }
}
