import CareRecord
import Ciphers
import EventLog
import LMDB
import Wire

/// Reads records as of a position, within one snapshot of the view.
///
/// A record costs a seek, an opening and an unzipping; in the tail of an open chapter, one of each for every row of it. What was opened
/// before may be in the cache still.
public struct RecordReader: Sendable {
    let tables: RecordTables
    let keys: RecordKeys
    var caches: ReadCaches?

    /// What a subject's record holds at a position, category by category in the order of their raw values; items in the byte order of
    /// type, then id.
    ///
    /// - Parameter position: at most what the view is folded to; beyond it the answer is as of what is folded.
    /// - Throws: `keyDestroyed` where the subject was erased; `damaged` where a stored byte is not what was written.
    public func state(
        of subject: StreamToken, at position: Position, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [CategoryRecord] {
        let generation = caches?.generation ?? 0
        let rows = try transaction.withCursor(tables.chapters) {
            (cursor: inout Cursor) throws(ProjectionError) -> [UnzippedRow] in
            let wanted = RecordRowKey(token: subject, first: position.value)
            do throws(LMDBError) {
                guard try cursor.seek(wanted.bytes) else { return [] }
            } catch { throw ProjectionError(error) }
            guard let found = RecordRowKey(cursor.key), found.token == subject else { return [] }
            var rows: [UnzippedRow] = []
            try eachRow(&cursor, from: found) { (key, row) throws(ProjectionError) in
                let row = try unzipped(row, at: key, through: position, generation)
                rows.append(row)
                return row.header.kind
            }
            return rows
        }
        guard let keyframe = rows.last?.keyframe else { return [] }
        return try assemble(rows, keyframe, generation, through: position)
    }

    /// The rows from the one the cursor stands at down to the chapter's: newest first.
    private func eachRow(
        _ cursor: inout Cursor, from newest: RecordRowKey,
        _ body: (RecordRowKey, UnsafeRawBufferPointer) throws(ProjectionError) -> RowHeader.Kind
    ) throws(ProjectionError) {
        var key = newest
        while true {
            if try body(key, cursor.value) == .chapter { return }
            let hasMore: Bool
            do throws(LMDBError) { hasMore = try cursor.next() } catch { throw ProjectionError(error) }
            guard hasMore, let next = RecordRowKey(cursor.key), next.token == key.token
            else { throw .damaged(what: "a tail of \(key.token) without its chapter") }
            key = next
        }
    }

    /// Opens the row the cursor stands at and those before it, down to the chapter's: newest first. What is folded is not kept in memory.
    func openRows(
        _ cursor: inout Cursor, from newest: RecordRowKey
    ) throws(ProjectionError) -> [OpenedRow] {
        var rows: [OpenedRow] = []
        try eachRow(&cursor, from: newest) { (key, row) throws(ProjectionError) in
            let (header, sealedAt) = try self.header(of: row, at: key)
            let secret = try self.key(of: header)
            rows.append(try RowCodec.open(row, at: key, with: secret, header: header, sealedAt: sealedAt))
            return header.kind
        }
        return rows
    }

    /// A row from memory, or opened and kept. Its key is asked for either way, and before: one that was destroyed opens nothing.
    private func unzipped(
        _ row: UnsafeRawBufferPointer, at key: RecordRowKey, through position: Position, _ generation: Int
    ) throws(ProjectionError) -> UnzippedRow {
        let (header, sealedAt) = try self.header(of: row, at: key)
        let secret = try self.key(of: header)
        let seal = caches == nil ? nil : RowSeal(UnsafeRawBufferPointer(rebasing: row[sealedAt...]))
        if let seal, let known = caches?.rows.value(seal), known.serves(key, header, through: position) {
            return known
        }
        let opened = try RowCodec.open(row, at: key, with: secret, header: header, sealedAt: sealedAt)
        let unzipped = try UnzippedRow(opened, at: key, through: position)
        if let seal { caches?.rows.keep(unzipped, seal, generation) }
        return unzipped
    }

    private func header(
        of row: UnsafeRawBufferPointer, at key: RecordRowKey
    ) throws(ProjectionError) -> (RowHeader, sealedAt: Int) {
        do throws(WireError) { return try RowHeader.decode(Span(_unsafeBytes: row)) } catch {
            throw .damaged(what: "a row of \(key.token): \(error)")
        }
    }

    private func key(of header: RowHeader) throws(ProjectionError) -> SecretKey {
        guard let secret = try keys.key(KeySlot(header.slot)) else {
            throw .keyDestroyed(KeySlot(header.slot))
        }
        return secret
    }

    private func assemble(
        _ rows: [UnzippedRow], _ keyframe: UnzippedKeyframe, _ generation: Int, through position: Position
    ) throws(ProjectionError) -> [CategoryRecord] {
        let (changes, frames) = try changes(rows, through: position)
        var patched: [UInt8] = []
        var assembly = RecordAssembly(through: position, keyframe: keyframe)
        let versions: [RecordVersion]
        let categories: [(category: UInt8, end: Int)]
        do throws(WireError) {
            var shift = 0
            for row in rows.reversed() {
                try assembly.apply(row.entries, changes.span, shift: shift, keyframe: keyframe.bytes.span)
                shift += row.changes.count
            }
            patched = try assembly.resolvePatches(keyframe: keyframe.bytes, changes: changes)
            (versions, categories) = assembly.versions()
        } catch { throw .damaged(what: "a frame of \(rows[0].key.token): \(error)") }
        let buffers = RecordBuffers(
            keyframe: keyframe.bytes, changes: changes, frames: frames, patched: patched,
            generation: generation)
        var out: [CategoryRecord] = []
        out.reserveCapacity(categories.count)
        var start = 0
        for (number, end) in categories {
            guard let category = Category(rawValue: number) else {
                throw .damaged(what: "an entry of category \(number)")
            }
            out.append(CategoryRecord(category: category, versions: versions[start..<end], buffers: buffers))
            start = end
        }
        return out
    }

    /// The changes of all the rows, oldest first, in one buffer, and where the frames that begin by the position lie in it.
    private func changes(
        _ rows: [UnzippedRow], through position: Position
    ) throws(ProjectionError) -> (bytes: [UInt8], frames: [Range<Int>]) {
        if rows.count == 1 {
            return (rows[0].changes, Array(rows[0].frames.prefix(rows[0].frames(through: position))))
        }
        let needed = rows.reduce(0) { $0 + $1.changes.count }
        guard needed <= RowCodec.maximumBytes else {
            throw .tooLarge(what: "bytes of changes", bytes: needed, limit: RowCodec.maximumBytes)
        }
        var bytes: [UInt8] = []
        var frames: [Range<Int>] = []
        bytes.reserveCapacity(needed)
        for row in rows.reversed() {
            for frame in row.frames.prefix(row.frames(through: position)) {
                frames.append(bytes.count + frame.lowerBound..<bytes.count + frame.upperBound)
            }
            bytes += row.changes
        }
        return (bytes, frames)
    }
}
