import Ciphers
import LMDB
import Synchronization
import Wire

extension KeyStore {
    /// Keys made and wrapped, on their way to the disk.
    struct Batch {
        var first: UInt64
        var entries: [[UInt8]]

        var last: KeySlot { KeySlot(first + UInt64(entries.count) - 1) }

        func write(
            to slots: Database, _ meta: Database, _ t: borrowing WriteTransaction
        ) throws(LMDBError) {
            for (offset, entry) in entries.enumerated() {
                try t.put(slots, first + UInt64(offset), entry, .append)
            }
            try t.put(meta, MetaKey.allocated, KeyStore.bytes(last))
        }
    }

    static func wrapBatch(from first: UInt64, master: SecretKey) throws(LogError) -> Batch {
        var entries: [[UInt8]] = []
        entries.reserveCapacity(Int(KeyLimits.batch))
        for value in first..<(first + KeyLimits.batch) {
            let entry = try LogError.sealing { () throws(CipherError) in
                try KeyEntry.plain(try SecretKey.random(), slot: KeySlot(value), master: master)
            }
            entries.append(entry)
        }
        return Batch(first: first, entries: entries)
    }

    static func bytes(_ slot: KeySlot) -> [UInt8] {
        var out = ByteWriter(capacity: 8)
        out.u64(slot.value)
        return out.bytes
    }

    /// Makes the next batch durable, unless another caller did while this one waited.
    func allocate() throws(LogError) {
        try allocation.withLock { (_) throws(LogError) in
            let (needed, last) = state.withLock { ($0.next > $0.allocated, $0.allocated) }
            guard needed else { return }
            let batch = try Self.wrapBatch(from: last.value + 1, master: current.withLock { $0.master })
            try writing { (tables, t) throws(LMDBError) in try batch.write(to: tables.slots, tables.meta, t) }
            state.withLock { $0.allocated = batch.last }
        }
    }

    /// One durable transaction. A commit that fails stops the store for good: what the disk holds is not
    /// known. The caller holds `allocation`, which also keeps the file from being replaced meanwhile.
    func writing(
        _ body: (KeyTables, borrowing WriteTransaction) throws(LMDBError) -> Void
    ) throws(LogError) {
        try insistOnWriting()
        let tables = current.withLock { $0.tables }
        do throws(LMDBError) {
            try tables.environment.withWriteTransaction {
                (t: borrowing WriteTransaction) throws(LMDBError) in try body(tables, t)
            }
        } catch {
            // A full map fails before anything is written; the store goes on when it was raised.
            if error.isMapFull {
                let info = try? tables.environment.info
                throw .full(usedBytes: info?.usedBytes ?? 0, mapBytes: info?.mapBytes ?? 0)
            }
            state.withLock { $0.stopped = "the key store failed: \(error)" }
            // Keys that are there are read on; if not even that can be had, whoever reads one is told.
            try? tables.environment.keepReadable()
            throw .lmdb(error)
        }
    }

    /// Why no key can be made any more: what its last write left on the disk is not known until the next start.
    public var stopReason: String? { state.withLock { $0.stopped } }

    /// - Throws: `readOnly`, `stopped`.
    func insistOnWriting() throws(LogError) {
        if isReadOnly { throw .readOnly }
        if let reason = state.withLock({ $0.stopped }) { throw .stopped(reason: reason) }
    }
}

extension KeyStore.State {
    /// The next free slot whose key is durable; nil where a batch must be made first.
    mutating func take() -> KeySlot? {
        while jointsAhead.remove(next) != nil { next = KeySlot(next.value + 1) }
        guard next <= allocated else { return nil }
        defer { next = KeySlot(next.value + 1) }
        return next
    }
}
