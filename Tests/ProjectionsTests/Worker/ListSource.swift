import Ciphers
import EventLog
import Foundation
import Wire

@testable import Projections

/// A log in memory: headers count up, and parts are whatever a test says.
///
/// `@unchecked Sendable` because the records are only touched with the condition locked.
final class ListSource: RecordSource, @unchecked Sendable {
    private let condition = NSCondition()
    private var records: [StoredRecord] = []
    private var reads = 0
    private var failure: LogError?
    /// Tells this log's headers from another's.
    private let identity: UInt64

    init(identity: UInt64 = 0) { self.identity = identity }

    var headPosition: Position { condition.withLock { Position(UInt64(records.count)) } }
    /// Batches asked for so far.
    var readCount: Int { condition.withLock { reads } }

    /// What reading a header fails with from now on.
    func fail(_ error: LogError?) { condition.withLock { failure = error } }

    @discardableResult
    func append(
        _ recordClass: RecordClass = .sourceUpdate, stream: StreamToken = .none, slot: KeySlot = .region,
        recordedAt: Int64? = nil, part: [UInt8]
    ) -> Position {
        condition.withLock {
            let position = UInt64(records.count + 1)
            let header = RecordHeader(
                recordClass: recordClass, lengthA: UInt32(part.count), position: Position(position),
                recordedAt: Instant(microseconds: recordedAt ?? Int64(position) * 1000),
                slotA: part.isEmpty ? .none : slot, stream: stream,
                hashA: SHA256.hash(part), commitment: Digest(words: (identity, 0, 0, 0)))
            records.append(StoredRecord(header: header, parts: part))
            condition.broadcast()
            return Position(position)
        }
    }

    /// A sealed record takes its place and time.
    func append(_ sealed: SealedRecord, recordedAt: Int64) -> Position {
        condition.withLock {
            var header = sealed.header
            header.position = Position(UInt64(records.count + 1))
            header.batchCount = 1
            header.recordedAt = Instant(microseconds: recordedAt)
            records.append(StoredRecord(header: header, parts: Array(sealed.partA) + Array(sealed.partB)))
            condition.broadcast()
            return header.position
        }
    }

    func records(
        after: Position, through: Position, maximumBytes: Int, wants: (RecordHeader) -> Bool
    ) throws(LogError) -> RecordBatch {
        condition.withLock {
            reads += 1
            var batch = RecordBatch(records: [], through: after)
            var bytes = 0
            for record in records[Int(after.value)..<Int(through.value)] {
                if wants(record.header) {
                    batch.records.append(record)
                    bytes += record.header.recordBytes
                }
                batch.through = record.header.position
                if bytes >= maximumBytes { break }
            }
            return batch
        }
    }

    func show(
        _ positions: some Sequence<Position>, _ body: (RecordHeader, RawSpan) -> Bool
    ) throws(LogError) {
        for position in positions {
            let record = condition.withLock { records[Int(position.value) - 1] }
            if !body(record.header, record.partA.span.bytes) { return }
        }
    }

    func header(at position: Position) throws(LogError) -> RecordHeader {
        if let failure = condition.withLock({ failure }) { throw failure }
        let found = condition.withLock {
            position > .start && position.value <= records.count
                ? records[Int(position.value) - 1].header : nil
        }
        guard let found else { throw .notFound(what: "\(position)") }
        return found
    }

    func waitForHead(past position: Position, milliseconds: Int) -> Position {
        let deadline = Date(timeIntervalSinceNow: Double(milliseconds) / 1000)
        condition.lock()
        defer { condition.unlock() }
        while UInt64(records.count) <= position.value, condition.wait(until: deadline) {}
        return Position(UInt64(records.count))
    }
}
