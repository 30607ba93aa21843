import Ciphers
import Foundation
import LMDB
import Wire

/// Copies a log and its keys into a folder while another process writes: what is new since the last time, and the keys and checkpoints
/// whole.
///
/// What a run lists in the folder is whole and synced before it is listed, so that a run that was cut short is gone on with, and the backup
/// before it stays good until the new one is.
public struct Backup: Sendable {
    /// What a backup holds when it is done.
    public struct Report: Hashable, Sendable {
        public var head: LogHead
        /// Records that this run copied, and bytes of them; those of earlier runs stay.
        public var records: UInt64
        public var bytes: UInt64
        public var segments: Int
        public var keyBytes: UInt64
    }

    /// Where the keys are read from.
    private enum Keys: Sendable {
        case folder(String)
        case open(KeyStore)
    }

    private let log: EventLog
    private let keys: Keys
    private let folder: BackupFolder
    /// Bytes of a segment, about: what a run that was cut short does again, at most.
    var segmentBytes = SegmentWriter.segmentBytes

    /// - Parameters:
    ///   - log: open for reading, or the writer's own.
    ///   - keys: the folder of the key store, which this process has not open.
    public init(of log: EventLog, keys: String, to folder: String) {
        (self.log, self.keys, self.folder) = (log, .folder(keys), BackupFolder(folder))
    }

    /// - Parameter keys: open in this process. New keys wait while they are copied.
    public init(of log: EventLog, keys: KeyStore, to folder: String) {
        (self.log, self.keys, self.folder) = (log, .open(keys), BackupFolder(folder))
    }

    /// - Parameter progress: told how far the copy is.
    /// - Throws: `invalid` where the folder holds a backup of another store, or of another history; `corrupt` where the log is not what was
    ///   written: mend it first; `damaged`, `system`, `lmdb`.
    public func run(progress: (_ copied: Position, _ target: Position) -> Void = { _, _ in }) throws(LogError)
        -> Report
    {
        try StoreDirectory.create(folder.path)
        try folder.insistOnBackupOrNothing()
        let lock = try StoreDirectory.Lock(folder.path + "/lock")
        _ = lock
        let done = try folder.read(folder.manifest)
        var state = try begin(done, try? folder.read(folder.underWay))
        if done == nil, state.segments.isEmpty { try folder.write(state, as: folder.underWay) }
        try folder.sweep(keeping: [done, state].compactMap(\.self))
        let start = state.last
        var report = Report(
            head: .empty, records: 0, bytes: 0, segments: 0, keyBytes: 0)
        while true {
            // An erasure after the log was copied would leave keys older or newer than their order: then once more.
            let version = try keyVersion()
            let head = try log.head
            // Not the keys, whose lock others wait for.
            try BackgroundWork.run { () throws(LogError) in
                try copyLog(&state, to: head, &report, progress)
            }
            // Checkpoints before keys: the key that signed a checkpoint is then among them.
            state.checkpoints = try copyCheckpoints(through: head)
            guard let written = try copyKeys(version) else { continue }
            (state.keys, state.recordedAt, report.head) = (written, head.recordedAt, head)
            break
        }
        report.records = state.last.value - start.value
        (report.segments, report.keyBytes) = (state.segments.count, state.keys?.bytes ?? 0)
        try folder.write(state, as: folder.manifest)
        unlink(folder.underWay)
        try folder.sweep(keeping: [state])
        return report
    }

    /// What is there already, if it is of this log as it is now: its root at that position says so.
    private func begin(
        _ done: BackupManifest?, _ underWay: BackupManifest??
    ) throws(LogError) -> BackupManifest {
        let store = try log.header(at: Position(1)).leafHash
        guard var state = (underWay ?? nil) ?? done else { return BackupManifest(store: store) }
        guard state.store == store else {
            throw .invalid(what: "\(folder.path) holds a backup of another store")
        }
        let storage = log.storage
        let (last, head) = (state.last, try log.head)
        let root =
            try last > head.position
            ? nil
            : log.read { (t: borrowing ReadTransaction) throws(LogError) in
                try storage.frontier(size: last.value, in: t).root
            }
        guard root == state.root else {
            throw .invalid(
                what:
                    "\(folder.path) holds a backup of another history of this store, up to \(last): use a new folder"
            )
        }
        for segment in state.segments {
            var status = stat()
            guard stat(folder.path + "/" + segment.name, &status) == 0, status.st_size == segment.bytes else {
                throw .damaged(
                    what: "\(segment.name) of the backup is missing or cut short: use a new folder")
            }
        }
        (state.keys, state.checkpoints, state.recordedAt) = (nil, nil, nil)
        return state
    }

    private func copyLog(
        _ state: inout BackupManifest, to head: LogHead, _ report: inout Report,
        _ progress: (Position, Position) -> Void
    ) throws(LogError) {
        var writer = try SegmentWriter(
            log: log, folder: folder, after: state.last, segmentBytes: segmentBytes)
        while state.last < head.position {
            let segment = try writer.segment(through: head.position)
            state.segments.append(segment)
            report.bytes += segment.bytes
            try StoreDirectory.sync(folder.path)
            try folder.write(state, as: folder.underWay)
            progress(state.last, head.position)
        }
        // The tree over what was copied is the log's: nothing is missing, and nothing else is there.
        guard state.root == head.root else {
            throw .corrupt(
                position: head.position, what: "the records copied are not those of the log's root")
        }
    }

    /// Runs on the keys as of one transaction; again where their file is replaced meanwhile.
    private func withKeys<R>(
        _ body: (KeyTables, borrowing ReadTransaction) throws(LogError) -> R
    ) throws(LogError) -> R {
        switch keys {
        case .folder(let path): return try KeyTables.sections(of: path, body)
        case .open(let store):
            var result: R?
            try store.allocation.withLock { (_) throws(LogError) in
                let tables = store.current.withLock { $0.tables }
                result = try tables.section { (t: borrowing ReadTransaction) throws(LogError) in
                    try body(tables, t)
                }
            }
            guard let result else { preconditionFailure("this process alone replaces the file") }
            return result
        }
    }

    private func keyVersion() throws(LogError) -> [UInt8] {
        try withKeys { (tables, t) throws(LogError) in
            do throws(LMDBError) { return try tables.version(t) } catch { throw .lmdb(error) }
        }
    }

    /// - Returns: nil where the file of keys was replaced since the version given.
    private func copyKeys(_ version: [UInt8]) throws(LogError) -> BackupManifest.Dump? {
        try withKeys { (tables, t) throws(LogError) in
            let now: [UInt8]
            do throws(LMDBError) { now = try tables.version(t) } catch { throw .lmdb(error) }
            guard now == version else { return nil }
            return try dump("keys") { (file) throws(LogError) in
                try EntryDump(keys: tables).write(keys: tables, in: t, to: file)
            }
        }
    }

    /// Those of the records copied: one may have been made since. Each is parsed, so that a damaged one is not backed up.
    private func copyCheckpoints(through head: LogHead) throws(LogError) -> BackupManifest.Dump? {
        guard let entries = EntryDump(checkpointsOf: log.storage) else { return nil }
        return try dump("checkpoints") { (file) throws(LogError) in
            try entries.write(to: file) { (key, value) throws(LogError) in
                let size = try LogEnvironment.checkCheckpoint(key, value)
                return size <= head.position.value
            }
        }
    }

    private func dump(
        _ kind: String, _ write: (BackupFile) throws(LogError) -> Digest
    ) throws(LogError) -> BackupManifest.Dump {
        let name = "\(kind)-\(UInt64.random(in: 0 ... .max))"
        let file = try BackupFile(creating: folder.path + "/" + name)
        let digest = try write(file)
        try StoreDirectory.sync(folder.path)
        return BackupManifest.Dump(name: name, bytes: file.bytes, digest: digest)
    }
}
