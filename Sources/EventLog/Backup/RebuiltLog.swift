import LMDB
import Wire

/// A log made again from its records: tiles and commits follow from the headers, and are written as the writer did.
struct RebuiltLog {
    private let storage: LogEnvironment
    private(set) var frontier = MerkleFrontier()
    private(set) var last = Position.start
    private(set) var head = LogHead.empty
    private(set) var highestSlot = KeySlot.none
    /// Bytes put since the last transaction's end.
    private(set) var weight = 0
    /// The commit being filled: all records of one time.
    private var commit: (first: Position, recordedAt: Instant)?

    init(_ storage: LogEnvironment) { self.storage = storage }

    /// The write transaction under way.
    struct Transaction: ~Copyable {
        fileprivate let inner: WriteTransaction

        init(_ storage: LogEnvironment) throws(LogError) {
            do throws(LMDBError) { inner = try storage.environment.beginWrite() } catch {
                throw LogError(error)
            }
        }

        fileprivate consuming func end() throws(LMDBError) { try inner.commit() }
    }

    /// - Throws: `corrupt` where it is not the record that comes next.
    mutating func append(_ bytes: [UInt8], to transaction: borrowing Transaction) throws(LogError) {
        let position = last.next
        let parsed = bytes.withUnsafeBytes { raw in
            Result { () throws(LogError) -> (RecordHeader, Digest) in
                let view = try StoredRecordView(raw, at: position, checkingParts: true)
                return (view.header, RecordLeaf.hash(raw))
            }
        }
        let (header, leaf) = try parsed.get()
        if let commit, commit.recordedAt != header.recordedAt {
            guard header.recordedAt > commit.recordedAt else {
                throw .corrupt(position: position, what: "recorded before the record before it")
            }
            try endCommit(transaction)
        }
        commit = commit ?? (position, header.recordedAt)
        var tiles: [(level: Int, index: UInt64, node: Digest)] = []
        frontier.append(leaf) { level, index, node in tiles.append((level, index, node)) }
        do throws(LMDBError) {
            try transaction.inner.put(storage.records, position.value, bytes, .append)
            for tile in tiles {
                try transaction.inner.put(
                    storage.tiles, TileKey.bytes(level: tile.level, index: tile.index), tile.node.bytes,
                    .noOverwrite)
            }
        } catch { throw LogError(error) }
        last = position
        weight += bytes.count
        highestSlot = max(highestSlot, header.slotA, header.slotB)
    }

    private mutating func endCommit(_ transaction: borrowing Transaction) throws(LogError) {
        guard let ended = commit else { return }
        let entry = CommitEntry(
            recordedAt: ended.recordedAt, first: ended.first, last: last, root: frontier.root)
        do throws(LMDBError) {
            try transaction.inner.put(
                storage.commits, CommitEntry.key(ended.recordedAt), entry.value, .append)
        } catch { throw LogError(error) }
        head = entry.head
        commit = nil
    }

    mutating func commit(_ transaction: consuming Transaction) throws(LogError) {
        do throws(LMDBError) { try transaction.end() } catch { throw LogError(error) }
        weight = 0
    }

    /// The last commit's entry.
    mutating func finish() throws(LogError) {
        let transaction = try Transaction(storage)
        try endCommit(transaction)
        try commit(transaction)
    }
}
