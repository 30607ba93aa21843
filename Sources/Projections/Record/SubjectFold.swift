import EventLog
import LMDB
import Wire

/// Folds one subject's new records: opens them, finds out what came into force, and makes the rows. It reads the last commit and writes nothing.
struct SubjectFold {
    let tables: RecordTables
    let keys: RecordKeys

    /// Bytes that the records of one subject may open to in one batch, unless it is a single record.
    static var contentBytes: Int { 64 << 20 }

    /// Edits of both tables, in key order.
    struct Edits: Sendable {
        var items: [RowEdits.Edit] = []
        var chapters: [RowEdits.Edit] = []
    }

    /// - Throws: `batchTooHeavy` past `contentBytes`.
    func fold(
        _ subject: SubjectBatch.Subject, into edits: inout Edits, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) {
        // What came before the last order to erase is to be forgotten, stored or not: a rebuild finds none of it.
        let order = subject.records.lastIndex { $0.header.ordersErasure }
        if order != nil { try forget(subject.token, in: &edits, transaction) }
        let events = try decode(order.map { subject.records[($0 + 1)...] } ?? subject.records)
        guard !events.isEmpty else { return }
        var index = ItemIndexFold(events: events, recordedAt: keys.recordedAt)
        edits.items += try index.run(tables.items, isAnew: order != nil, transaction)
        let segments = SubjectSegments(events, index: index).segments
        guard !segments.isEmpty else { return }
        let stored = StoredChapters(
            token: subject.token, reader: RecordReader(tables: tables, keys: keys), isAnew: order != nil)
        edits.chapters += try stored.fold(segments, transaction).sorted { $0.precedes($1) }
    }

    /// Deletes every row of a subject.
    private func forget(
        _ token: StreamToken, in edits: inout Edits, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) {
        var (items, chapters): ([RowEdits.Edit], [RowEdits.Edit]) = ([], [])
        do throws(LMDBError) {
            try transaction.forEach(tables.items, prefix: Array(token.bytes.prefix(8))) { key, _ in
                items.append(RowEdits.Edit(key: Array(key), value: nil))
            }
            try transaction.forEach(tables.chapters, prefix: token.bytes) { key, _ in
                chapters.append(RowEdits.Edit(key: Array(key), value: nil))
            }
        } catch { throw ProjectionError(error) }
        edits.items += items
        edits.chapters += chapters
    }

    private func decode(_ records: ArraySlice<StoredRecord>) throws(ProjectionError) -> [DecodedEvent] {
        var events: [DecodedEvent] = []
        events.reserveCapacity(records.count)
        var weight = 0
        for record in records {
            // A subject that was erased leaves its events unreadable: there is nothing to fold.
            guard let body = try keys.body(of: record) else { continue }
            weight += body.payload.count
            BackgroundWork.giveWay(8 * body.payload.count)
            guard weight <= Self.contentBytes || records.count == 1 else { throw .batchTooHeavy }
            do throws(WireError) {
                events.append(
                    try DecodedEvent(record.header, body, salt: keys.itemSalt(record.header.stream)))
            } catch { throw .record(record.header.position, what: "\(error)") }
            weight += events.last!.bytes.count
        }
        return events
    }
}
