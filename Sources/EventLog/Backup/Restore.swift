import Ciphers
import Foundation
import LMDB
import Wire

/// Makes a store's log and keys from a backup, checking every byte against the backup's roots.
///
/// All is made beside the place it is for, and renamed there last: a restore that is cut short leaves no store.
public struct Restore: Sendable {
    private let folder: BackupFolder
    private let store: String

    public init(from folder: String, to store: String) {
        (self.folder, self.store) = (BackupFolder(folder), store)
    }

    /// Bytes put into one transaction, about.
    private static let transactionBytes = 64 << 20

    /// - Returns: where the restored log ends.
    /// - Throws: `notFound` where the folder holds no finished backup; `exists` where the store's place is taken, or the one beside it;
    ///   `corrupt` and `damaged` where the backup is not what was written; `system`, `lmdb`, `full`.
    public func run(
        mapBytes: Int = LogOptions().mapBytes, keyMapBytes: Int = KeyLimits.mapBytes,
        progress: (_ restored: Position, _ target: Position) -> Void = { _, _ in }
    ) throws(LogError) -> LogHead {
        let (head, place) = try prepare(mapBytes: mapBytes, keyMapBytes: keyMapBytes, progress: progress)
        try place.publish()
        return head
    }

    /// Makes all of it, beside its place: whoever calls publishes it.
    ///
    /// - Parameter master: what is to open the keys; looked at before the log is restored, which may take hours.
    /// - Throws: as `run`; `key` where the backup's keys are under another master key.
    public func prepare(
        master: SecretKey? = nil, mapBytes: Int = LogOptions().mapBytes,
        keyMapBytes: Int = KeyLimits.mapBytes,
        progress: (_ restored: Position, _ target: Position) -> Void = { _, _ in }
    ) throws(LogError) -> (head: LogHead, place: RestorePlace) {
        guard let manifest = try folder.read(folder.manifest), let keys = manifest.keys,
            let recordedAt = manifest.recordedAt
        else { throw .notFound(what: "finished backup in \(folder.path)") }
        let found = (try? FileManager.default.contentsOfDirectory(atPath: store)) ?? []
        guard found.isEmpty else { throw .exists(what: store) }
        let place = try RestorePlace(for: store)
        let fresh = place.path
        for part in ["/log", "/keys", "/views"] { try StoreDirectory.create(fresh + part) }
        let head = LogHead(position: manifest.last, recordedAt: recordedAt, root: manifest.root)
        let last = try restoreKeys(keys, to: fresh, master, keyMapBytes)
        let highest = try restoreLog(manifest, head, to: fresh, mapBytes, progress)
        guard last >= highest else {
            throw .key(slot: highest, what: "a record names it, and the backup has no such key")
        }
        try verify(head, fresh, mapBytes)
        for path in ["/log", "/keys", ""] { try StoreDirectory.sync(fresh + path) }
        return (head, place)
    }

    /// - Returns: the highest key slot that a record names.
    private func restoreLog(
        _ manifest: BackupManifest, _ head: LogHead, to fresh: String, _ mapBytes: Int,
        _ progress: (Position, Position) -> Void
    ) throws(LogError) -> KeySlot {
        let storage = try LogEnvironment(
            path: fresh + "/log", mapBytes: mapBytes, readOnly: false, syncs: false)
        defer { storage.environment.close() }
        var rebuilt = RebuiltLog(storage)
        for segment in manifest.segments {
            let reader = try SegmentReader(folder.path + "/" + segment.name)
            do throws(LogError) { try fill(&rebuilt, storage, from: reader) } catch .corrupt(
                let position, let what)
            { throw .corrupt(position: position, what: "\(folder.path)/\(segment.name): \(what)") }
            guard rebuilt.last == segment.last, rebuilt.frontier.root == segment.root else {
                throw .corrupt(
                    position: segment.first, what: "\(segment.name): its records are not those of its root")
            }
            progress(rebuilt.last, head.position)
        }
        try rebuilt.finish()
        if let kept = manifest.checkpoints {
            try EntryDump(checkpointsOf: storage)?.read(folder.path + "/" + kept.name, digest: kept.digest)
        }
        do throws(LMDBError) { try storage.environment.sync() } catch { throw LogError(error) }
        guard rebuilt.head == head else {
            throw .corrupt(position: head.position, what: "the backup's head is not its last record")
        }
        return rebuilt.highestSlot
    }

    private func fill(
        _ rebuilt: inout RebuiltLog, _ storage: LogEnvironment, from reader: SegmentReader
    ) throws(LogError) {
        var transaction = try RebuiltLog.Transaction(storage)
        while let record = try reader.next() {
            try rebuilt.append(record, to: transaction)
            if rebuilt.weight >= Self.transactionBytes {
                try rebuilt.commit(transaction)
                transaction = try RebuiltLog.Transaction(storage)
            }
        }
        try rebuilt.commit(transaction)
    }

    /// Every slot has an entry, living or destroyed: they are made in order, without a gap.
    ///
    /// - Returns: the last slot.
    private func restoreKeys(
        _ keys: BackupManifest.Dump, to fresh: String, _ master: SecretKey?, _ mapBytes: Int
    ) throws(LogError) -> KeySlot {
        let tables = try KeyTables(fresh + "/keys", mapBytes: mapBytes, readOnly: false, durability: .none)
        defer { tables.environment.close() }
        try EntryDump(keys: tables).read(folder.path + "/" + keys.name, digest: keys.digest)
        if let master {
            let check = try LogError.keys { () throws(LMDBError) in
                try tables.environment.withReadTransaction {
                    (t: borrowing ReadTransaction) throws(LMDBError) in
                    try t.copy(tables.meta, KeyStore.MetaKey.check)
                }
            }
            guard let check, KeyStore.isCheck(check, master) else {
                throw .key(
                    slot: .none, what: "the master key is not the one that the backup's keys were under")
            }
        }
        var next = KeySlot.region
        try tables.eachBatch(of: tables.slots) { (entries) throws(LogError) in
            for entry in entries {
                guard let slot = try? KeyStore.slot(entry.key), slot == next else {
                    throw .key(slot: next, what: "there is no such key in the backup")
                }
                next = KeySlot(next.value + 1)
            }
        }
        try LogError.keys { () throws(LMDBError) in try tables.environment.sync() }
        return KeySlot(next.value - 1)
    }

    /// Reads the new log back whole: what was written is what is there.
    private func verify(_ head: LogHead, _ fresh: String, _ mapBytes: Int) throws(LogError) {
        var options = LogOptions()
        options.mapBytes = mapBytes
        let log = try EventLog(LogPaths(store: fresh), options: options)
        defer { log.close() }
        let report = try log.verify()
        guard report.isSound, report.head == head else {
            throw .damaged(
                what: "the restored log is not what was written: the disk at \(fresh) cannot be trusted")
        }
    }
}
