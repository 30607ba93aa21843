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
        let events = try decode(subject.records)
        guard !events.isEmpty else { return }
        var index = ItemIndexFold(events: events, recordedAt: keys.recordedAt)
        edits.items += try index.run(tables.items, transaction)
        let segments = SubjectSegments(events, index: index).segments
        guard !segments.isEmpty else { return }
        let stored = StoredChapters(
            token: subject.token, reader: RecordReader(tables: tables, keys: keys))
        edits.chapters += try stored.fold(segments, transaction).sorted { $0.precedes($1) }
    }

    private func decode(_ records: ArraySlice<StoredRecord>) throws(ProjectionError) -> [DecodedEvent] {
        var events: [DecodedEvent] = []
        events.reserveCapacity(records.count)
        var weight = 0
        for record in records {
            // A subject that was erased leaves its events unreadable: there is nothing to fold.
            guard let body = try keys.body(of: record) else { continue }
            weight += body.payload.count
            guard weight <= Self.contentBytes || records.count == 1 else { throw .batchTooHeavy }
            do throws(WireError) {
                events.append(try DecodedEvent(record.header, body))
            } catch { throw .record(record.header.position, what: "\(error)") }
            weight += events.last!.bytes.count
        }
        return events
    }
}
