import EventLog
import LMDB
import Wire

/// One subject's record as it is stored: folds new segments into its rows.
struct StoredChapters {
    let token: StreamToken
    let reader: RecordReader
    /// Whether the rows that are stored are being forgotten: the record begins anew.
    let isAnew: Bool

    /// What packing and sealing a row counts for.
    private static let sealBytes = 8192

    func fold(
        _ segments: [Segment], _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [RowEdits.Edit] {
        try transaction.withCursor(reader.tables.chapters) {
            (cursor: inout Cursor) throws(ProjectionError) -> [RowEdits.Edit] in
            let newest = isAnew ? nil : try newestRow(&cursor)
            var opened: OpenChapter?
            if let newest, ChapterFold<ProjectionError>.needsRows(newest.header, segments) {
                opened = try open(&cursor, newest.key)
            }
            let chapter = opened
            let fold = ChapterFold<ProjectionError>(
                newest: newest?.header, load: { () throws(ProjectionError) in chapter! },
                damaged: { .damaged(what: "a row of \(token): \($0)") })
            return try edits(try fold.fold(segments))
        }
    }

    /// The newest row, where the cursor is left; nil where there is none, or where its key was destroyed: an erased subject's
    /// record begins anew.
    private func newestRow(
        _ cursor: inout Cursor
    ) throws(ProjectionError) -> (key: RecordRowKey, header: RowHeader)? {
        let start = RecordRowKey(token: token, first: .max)
        do throws(LMDBError) {
            guard try cursor.seek(start.bytes) else { return nil }
        } catch { throw ProjectionError(error) }
        guard let key = RecordRowKey(cursor.key), key.token == token else { return nil }
        let header: RowHeader
        do throws(WireError) {
            header = try RowHeader.decode(Span(_unsafeBytes: cursor.value)).header
        } catch { throw .damaged(what: "a row of \(token): \(error)") }
        return try reader.keys.key(KeySlot(header.slot)) == nil ? nil : (key, header)
    }

    private func open(
        _ cursor: inout Cursor, _ newest: RecordRowKey
    ) throws(ProjectionError) -> OpenChapter {
        let rows = try reader.openRows(&cursor, from: newest)
        let chapter = rows.last!
        let keyframe = chapter.frames[0]
        return OpenChapter(
            first: chapter.first, slot: chapter.header.slot,
            keyframe: FoldedFrame(
                first: chapter.first, bytes: try RowCodec.unpack(keyframe, of: chapter),
                packed: PackedFrame(method: keyframe.method, bytes: Array(chapter.plaintext[keyframe.bytes]))),
            tail: try rows.dropLast().reversed().map { (row) throws(ProjectionError) in
                OpenChapter.TailRow(
                    first: row.first, header: row.header,
                    frame: try RowCodec.unpack(row.frames[0], of: row))
            })
    }

    private func edits(_ changes: RowChanges) throws(ProjectionError) -> [RowEdits.Edit] {
        var out: [RowEdits.Edit] = changes.deletes.map {
            RowEdits.Edit(key: RecordRowKey(token: token, first: $0).bytes, value: nil)
        }
        for row in changes.puts {
            BackgroundWork.giveWay(Self.sealBytes)
            let key = RecordRowKey(token: token, first: row.first)
            // A key destroyed since the event was opened: what it sealed is to be forgotten.
            guard let secret = try reader.keys.key(KeySlot(row.header.slot)) else { continue }
            out.append(
                RowEdits.Edit(key: key.bytes, value: try RowCodec.seal(row, at: key, with: secret)))
        }
        return out
    }
}
