import CareRecord
import EventLog
import LMDB
import Wire

/// The read model of patients' records: every version of every item, as of any position, category by category.
///
/// Its input are the source updates of the log. Whatever the batches, folding the same log leaves the same rows.
public struct RecordProjection<Keys: RecordKeys>: Projection {
    public let name = "record"
    public let version = 1
    public let options: ProjectionOptions
    let keys: Keys

    /// Bytes of decoded events that one batch holds, about.
    public static var batchContentBytes: Int { 24 << 20 }
    /// Bytes of sealed records that are decoded before the batch's weight is looked at again.
    static var roundBytes: Int { 512 << 10 }

    public init(keys: Keys, mapBytes: Int = 1 << 40) {
        self.keys = keys
        options = ProjectionOptions(
            mapBytes: mapBytes, maximumDatabases: RecordTables.databases, batchBytes: 8 << 20)
    }

    public func openTables(in environment: Environment) throws(ProjectionError) -> RecordTables {
        do throws(LMDBError) {
            return try RecordTables(environment)
        } catch { throw ProjectionError(error) }
    }

    public func wants(_ header: RecordHeader) -> Bool {
        header.recordClass == .sourceUpdate && header.slotA != .none && !header.stream.isNone
    }

    /// Reads the view within a snapshot of it.
    public func reader(_ view: ProjectionView<Self>) -> RecordReader<Keys> {
        RecordReader(tables: view.tables, keys: keys)
    }

    // MARK: Folding

    public func prepare(_ batch: inout RecordBatch) throws(ProjectionError) -> [DecodedEvent] {
        var events: [DecodedEvent] = []
        var next = 0
        var weight = 0
        let records = batch.records
        while next < records.count {
            guard weight < Self.batchContentBytes else {
                batch.records.removeSubrange(next...)
                batch.through = records[next - 1].header.position
                break
            }
            var last = next
            var round = 0
            while last < records.count, round < Self.roundBytes {
                round += records[last].parts.count
                last += 1
            }
            let (start, end) = (next, last)
            let share = max(1, (end - start + 7) / 8)
            let pieces = try ParallelWork.map(count: (end - start + share - 1) / share) {
                (piece) throws(ProjectionError) -> [DecodedEvent] in
                let from = start + piece * share
                return try records[from..<min(end, from + share)].decoded(keys)
            }
            for piece in pieces {
                for event in piece { weight += event.bytes.count }
                events += piece
            }
            next = end
        }
        return events
    }

    public func fold(
        _ events: [DecodedEvent], into tables: RecordTables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        var index = ItemIndexFold(events: events, recordedAt: keys.recordedAt)
        try index.run(tables.items, transaction)
        let groups = CategoryGroups(events, index: index).groups
        let share = max(1, min(16, (groups.count + 3) / 4))
        let pieces = try ParallelWork.map(count: (groups.count + share - 1) / share) {
            (piece) throws(ProjectionError) -> [RowEdits.Edit] in
            let from = piece * share
            return try fold(groups[from..<min(groups.count, from + share)], tables)
        }
        try RowEdits(pieces.flatMap { $0 }).apply(to: tables.chapters, transaction)
    }

    private func fold(
        _ groups: ArraySlice<CategoryGroups.Group>, _ tables: RecordTables
    ) throws(ProjectionError) -> [RowEdits.Edit] {
        // The last commit's state: nothing of this batch is in these tables yet.
        try tables.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(ProjectionError) -> [RowEdits.Edit] in
            let reader = RecordReader(tables: tables, keys: keys)
            var edits: [RowEdits.Edit] = []
            for group in groups {
                let stored = StoredCategory(token: group.token, category: group.category, reader: reader)
                edits += try stored.fold(group.segments, t)
            }
            return edits
        }
    }

    // MARK: Comparing

    public func comparedDatabases(_ tables: RecordTables) -> [Database] { [tables.items] }

    public func difference(
        _ a: borrowing ReadTransaction, _ aTables: RecordTables, _ b: borrowing ReadTransaction,
        _ bTables: RecordTables
    ) throws(ProjectionError) -> String? {
        if let found = try ViewComparison.firstDifference(a, aTables.items, b, bTables.items) { return found }
        return try RowComparison(keys: keys).firstDifference(a, aTables.chapters, b, bTables.chapters)
    }
}

extension ArraySlice<StoredRecord> {
    fileprivate func decoded(_ keys: some RecordKeys) throws(ProjectionError) -> [DecodedEvent] {
        var out: [DecodedEvent] = []
        out.reserveCapacity(count)
        for record in self {
            // A subject that was erased leaves its events unreadable: there is nothing to fold.
            guard let body = try keys.body(of: record) else { continue }
            do throws(WireError) {
                out.append(try DecodedEvent(record.header, body))
            } catch { throw .record(record.header.position, what: "\(error)") }
        }
        return out
    }
}
