import EventLog
import LMDB
import Wire

@testable import Projections

/// Counts records by their part's first byte. Faults can be asked for.
struct CountingProjection: Projection {
    typealias Prepared = RecordBatch
    struct Tables: Sendable { var counts: Database }

    var name = "counting"
    var version = 1
    var batchBytes = 2000
    /// Adds this to every count: a mapping bug.
    var skew: UInt8 = 0
    var failsAt: Position?
    var fault: Fault?

    var options: ProjectionOptions { ProjectionOptions(mapBytes: 64 << 20, batchBytes: batchBytes) }

    func openTables(in environment: Environment) throws(ProjectionError) -> Tables {
        try fault?.opened()
        do throws(LMDBError) {
            return Tables(counts: try environment.openDatabase("counts"))
        } catch { throw ProjectionError(error) }
    }

    func wants(_ header: RecordHeader) -> Bool { header.recordClass == .sourceUpdate }

    func fold(
        _ batch: RecordBatch, into tables: Tables, _ transaction: borrowing WriteTransaction
    ) throws(ProjectionError) {
        try fault?.check()
        for record in batch.records {
            if record.header.position == failsAt { throw .record(record.header.position, what: "as asked") }
            let key = [record.parts[0]]
            do throws(LMDBError) {
                let last = try transaction.copy(tables.counts, key) ?? [0]
                try transaction.put(tables.counts, key, [last[0] &+ 1 &+ skew])
            } catch { throw ProjectionError(error) }
        }
    }

    func comparedDatabases(_ tables: Tables) -> [Database] { [tables.counts] }
}

extension ProjectionWorker where P == CountingProjection {
    /// What the view says, at the position it is folded to.
    func counts() throws -> (position: Position, counts: [UInt8: UInt8]) {
        try withRead { (view, t: borrowing ReadTransaction) throws(ProjectionError) in
            let position = try view.position(t)
            var out: [UInt8: UInt8] = [:]
            do throws(LMDBError) {
                try t.withCursor(view.tables.counts) { (c: inout Cursor) throws(LMDBError) in
                    while try c.next() { out[c.key[0]] = c.value[0] }
                }
            } catch { throw ProjectionError(error) }
            return (position, out)
        }
    }
}
