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

    private var fresh: String { store + ".restoring" }
    /// Bytes put into one transaction, about.
    private static let transactionBytes = 64 << 20

    /// - Returns: where the restored log ends.
    /// - Throws: `notFound` where the folder holds no finished backup; `exists` where the store's place is taken; `corrupt` and `damaged` where the
    ///   backup is not what was written; `system`, `lmdb`, `full`.
    public func run(
        mapBytes: Int = LogOptions().mapBytes, keyMapBytes: Int = KeyLimits.mapBytes,
        progress: (_ restored: Position, _ target: Position) -> Void = { _, _ in }
    ) throws(LogError) -> LogHead {
        guard let manifest = try folder.read(folder.manifest), let keys = manifest.keys,
            let recordedAt = manifest.recordedAt
        else { throw .notFound(what: "finished backup in \(folder.path)") }
        let found = (try? FileManager.default.contentsOfDirectory(atPath: store)) ?? []
        guard found.isEmpty else { throw .exists(what: store) }
        try? FileManager.default.removeItem(atPath: fresh)
        do throws(LogError) {
            return try make(manifest, keys, recordedAt, mapBytes, keyMapBytes, progress)
        } catch {
            // Nobody is to take it for a store.
            try? FileManager.default.removeItem(atPath: fresh)
            throw error
        }
    }

    private func make(
        _ manifest: BackupManifest, _ keys: BackupManifest.Dump, _ recordedAt: Instant, _ mapBytes: Int,
        _ keyMapBytes: Int, _ progress: (Position, Position) -> Void
    ) throws(LogError) -> LogHead {
        try StoreDirectory.create(fresh + "/log")
        try StoreDirectory.create(fresh + "/keys")
        try StoreDirectory.create(fresh + "/views")
        let head = LogHead(position: manifest.last, recordedAt: recordedAt, root: manifest.root)
        let highest = try restoreLog(manifest, head, mapBytes, progress)
        try restoreKeys(keys, naming: highest, keyMapBytes)
        try verify(head, mapBytes)
        for path in ["/log", "/keys", ""] { try StoreDirectory.sync(fresh + path) }
        rmdir(store)
        guard rename(fresh, store) == 0 else { throw .system(code: errno, operation: "rename \(fresh)") }
        try StoreDirectory.sync(URL(filePath: store).deletingLastPathComponent().path)
        return head
    }

    /// - Returns: the highest key slot that a record names.
    private func restoreLog(
        _ manifest: BackupManifest, _ head: LogHead, _ mapBytes: Int, _ progress: (Position, Position) -> Void
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

    /// Every slot that a record names must have an entry, living or destroyed: slots are made in order, without a gap.
    private func restoreKeys(
        _ keys: BackupManifest.Dump, naming highest: KeySlot, _ mapBytes: Int
    ) throws(LogError) {
        let tables = try KeyTables(fresh + "/keys", mapBytes: mapBytes, readOnly: false, durability: .none)
        defer { tables.environment.close() }
        try EntryDump(keys: tables).read(folder.path + "/" + keys.name, digest: keys.digest)
        var next = KeySlot.region
        try tables.eachBatch(of: tables.slots) { (entries) throws(LogError) in
            for entry in entries {
                guard let slot = try? KeyStore.slot(entry.key), slot == next else {
                    throw .key(slot: next, what: "there is no such key in the backup")
                }
                next = KeySlot(next.value + 1)
            }
        }
        guard next > highest else {
            throw .key(slot: highest, what: "a record names it, and the backup has no such key")
        }
        try LogError.keys { () throws(LMDBError) in try tables.environment.sync() }
    }

    /// Reads the new log back whole: what was written is what is there.
    private func verify(_ head: LogHead, _ mapBytes: Int) throws(LogError) {
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
