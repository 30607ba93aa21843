import Ciphers
import LMDB
import Wire

/// A run of records checked by itself: headers, hashes, positions. What the tree and the commits need of it is kept;
/// the rest is let go of, so that memory is bounded whatever the log's size.
struct RecordCheck: Sendable {
    /// What the sequential part needs of one record.
    struct Entry: Sendable, Hashable {
        var leaf: Digest
        var recordedAt: Instant
        var batchIndex: UInt32
        var batchCount: UInt32
        /// The record is missing, or not what was written.
        var isBad: Bool
    }

    let first: Position
    let last: Position
    private(set) var entries: [Entry] = []
    private(set) var problems: [(Position, String)] = []
    private(set) var facts: IndexFacts

    /// Bytes read in one read transaction.
    private static let batchBytes = 4 << 20

    init(
        _ storage: LogEnvironment, first: Position, last: Position, indexedThrough: Position
    ) throws(LogError) {
        (self.first, self.last) = (first, last)
        facts = IndexFacts(through: indexedThrough)
        entries.reserveCapacity(Int(last.value - first.value + 1))
        while next <= last {
            try storage.environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LogError) in
                try t.withCursor(storage.records) { (cursor: inout Cursor) throws(LogError) in
                    try read(&cursor)
                }
            }
        }
    }

    private var next: Position { Position(first.value + UInt64(entries.count)) }

    private mutating func read(_ cursor: inout Cursor) throws(LogError) {
        var bytes = 0
        var more = try cursor.seek(next.value, LogError.self)
        while next <= last, bytes < Self.batchBytes {
            let found = more && cursor.key.count == 8 ? cursor.key.big(0, as: UInt64.self) : UInt64.max
            if found != next.value {
                // Either the records up to `found` are missing, or the entry's key is not a position at all.
                problems.append((next, "the record is missing"))
                addBad(Digest.zero)
                if more, cursor.key.count != 8 { more = try cursor.next(LogError.self) }
                continue
            }
            bytes += cursor.value.count
            BackgroundWork.giveWay(cursor.value.count)
            check(cursor.value)
            if next <= last { more = try cursor.next(LogError.self) }
        }
    }

    private mutating func addBad(_ leaf: Digest) {
        entries.append(
            Entry(leaf: leaf, recordedAt: .distantPast, batchIndex: 0, batchCount: 0, isBad: true))
    }

    private mutating func check(_ value: UnsafeRawBufferPointer) {
        let position = next
        do throws(LogError) {
            let view = try StoredRecordView(value, at: position, checkingParts: true)
            entries.append(
                Entry(
                    leaf: RecordLeaf.hash(value), recordedAt: view.header.recordedAt,
                    batchIndex: view.header.batchIndex, batchCount: view.header.batchCount, isBad: false))
            facts.note(RecordFacts(value), at: position)
        } catch {
            let what = if case .corrupt(_, let what) = error { what } else { error.description }
            problems.append((position, what))
            addBad(value.count >= RecordHeader.byteCount ? RecordLeaf.hash(value) : .zero)
        }
    }
}
