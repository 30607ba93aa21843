import LMDB
import Wire

extension LogIndex {
    /// Headers read in one read transaction while catching up.
    private static let batch = 4096

    /// The index of a log, brought up to its head. One that is not this log's is built anew by a writer.
    static func opened(
        _ environment: IndexEnvironment, storage: LogEnvironment, head: LogHead, segmentRecords: UInt64,
        readOnly: Bool
    ) throws(LogError) -> LogIndex {
        let reach = try environment.reach()
        if reach.position != .start {
            let recordedAt = try storage.environment.withReadTransaction {
                (t: borrowing ReadTransaction) throws(LogError) -> Instant? in
                // Beside a writer the head given may be older than the index: the one that is there now is not.
                let newest = readOnly ? max(head.position, try storage.head(in: t).position) : head.position
                if reach.position > newest { return nil }
                return try storage.header(at: reach.position, in: t).recordedAt
            }
            if recordedAt != reach.recordedAt {
                if readOnly { throw .damaged(what: "the index is not this log's; a writer builds it anew") }
                try environment.clear()
            }
        }
        let index = try LogIndex(environment: environment, segmentRecords: segmentRecords)
        try index.catchUp(storage, through: head.position, flushing: !readOnly)
        return index
    }

    /// Notes the records that it has not seen, up to a position, from their headers.
    func catchUp(_ storage: LogEnvironment, through: Position, flushing: Bool) throws(LogError) {
        while noted < through {
            let from = noted.next
            let count = Int(min(UInt64(Self.batch), through.value - noted.value))
            let facts = try storage.environment.withReadTransaction {
                (t: borrowing ReadTransaction) throws(LogError) in
                try Self.read(count, from: from, storage, t)
            }
            for fact in facts {
                note(1, first: fact.position, recordedAt: fact.recordedAt) { _ in fact.facts }
            }
            if flushing, isBehind { try flush(all: true) }
        }
    }

    private static func read(
        _ count: Int, from: Position, _ storage: LogEnvironment, _ t: borrowing ReadTransaction
    ) throws(LogError) -> [(position: Position, recordedAt: Instant, facts: RecordFacts)] {
        try t.withCursor(storage.records) { (cursor: inout Cursor) throws(LogError) in
            var out: [(position: Position, recordedAt: Instant, facts: RecordFacts)] = []
            out.reserveCapacity(count)
            do throws(LMDBError) { _ = try cursor.seek(from.value) } catch { throw LogError(error) }
            for i in 0..<count {
                let position = Position(from.value + UInt64(i))
                if i > 0 { _ = try cursor.next(LogError.self) }
                guard cursor.key.count == 8, cursor.key.big(0, as: UInt64.self) == position.value else {
                    throw .corrupt(position: position, what: "the record is missing")
                }
                let header = try RecordHeader(parsing: cursor.value, at: position)
                out.append((position, header.recordedAt, RecordFacts(cursor.value)))
            }
            return out
        }
    }
}
