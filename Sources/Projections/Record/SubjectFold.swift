import EventLog
import LMDB
import Wire

/// Folds one subject's new records: opens them, finds out what came into force, and makes the rows. It reads the last commit and writes nothing.
struct SubjectFold {
    let tables: RecordTables
    let keys: RecordKeys

    /// Edits of both tables, in key order.
    struct Edits: Sendable {
        var items: [ItemIndexFold.Edit] = []
        var chapters: [RowEdits.Edit] = []
    }

    /// - Throws: `batchTooHeavy` past `SubjectEvents.maximumBytes`.
    func fold(
        _ subject: SubjectBatch.Subject, into edits: inout Edits, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) {
        let records = subject.records
        // What came before the last order to erase is to be forgotten, stored or not: a rebuild finds none of it.
        let order = records.lastIndex { $0.header.ordersErasure }
        let live = order.map { records[($0 + 1)...] } ?? records
        var events = SubjectEvents(subject.token, keys: keys, count: live.count)
        for record in live { try events.add(record.header, sealed: record.partA.span.bytes) }
        try fold(events, isAnew: order != nil, into: &edits, transaction)
    }

    /// The same of records that are still in the log.
    ///
    /// - Parameters:
    ///   - marks: a subject's, in the order of positions.
    ///   - limit: bytes that they may open to, unless there is but one.
    /// - Throws: `batchTooHeavy` past the limit.
    func fold(
        _ marks: ArraySlice<RecordMark>, of source: some RecordSource, within limit: Int,
        into edits: inout Edits,
        _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) {
        guard let token = marks.first?.token else { return }
        let order = marks.lastIndex { $0.ordersErasure }
        let live = order.map { marks[($0 + 1)...] } ?? marks
        var events = SubjectEvents(token, keys: keys, count: live.count, limit: limit)
        var failure: ProjectionError?
        do throws(LogError) {
            try source.show(live.lazy.map { Position($0.position) }) { header, part in
                do throws(ProjectionError) { try events.add(header, sealed: part) } catch { failure = error }
                return failure == nil
            }
        } catch { throw .log(error) }
        if let failure { throw failure }
        try fold(events, isAnew: order != nil, into: &edits, transaction)
    }

    /// - Parameter isAnew: whether what is stored of the subject is to be forgotten.
    private func fold(
        _ decoded: SubjectEvents, isAnew: Bool, into edits: inout Edits,
        _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) {
        if isAnew { try forget(decoded.token, in: &edits, transaction) }
        let events = decoded.events
        guard !events.isEmpty else { return }
        var index = ItemIndexFold(events: events, recordedAt: keys.recordedAt)
        edits.items += try index.run(tables.items, isAnew: isAnew, transaction)
        let segments = SubjectSegments(events, index: index).segments
        guard !segments.isEmpty else { return }
        let stored = StoredChapters(
            token: decoded.token, reader: RecordReader(tables: tables, keys: keys), isAnew: isAnew)
        edits.chapters += try stored.fold(segments, transaction).sorted { $0.precedes($1) }
    }

    /// Deletes every row of a subject.
    private func forget(
        _ token: StreamToken, in edits: inout Edits, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) {
        var (items, chapters): ([ItemIndexFold.Edit], [RowEdits.Edit]) = ([], [])
        do throws(LMDBError) {
            try transaction.forEach(tables.items, prefix: Array(token.bytes.prefix(8))) { key, _ in
                if let key = key.withUnsafeBytes({ ItemIndexKey($0) }) {
                    items.append(ItemIndexFold.Edit(key: key))
                }
            }
            try transaction.forEach(tables.chapters, prefix: token.bytes) { key, _ in
                chapters.append(RowEdits.Edit(key: Array(key), value: nil))
            }
        } catch { throw ProjectionError(error) }
        edits.items += items
        edits.chapters += chapters
    }
}
