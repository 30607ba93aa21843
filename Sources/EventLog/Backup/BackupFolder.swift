import Foundation
import LMDB
import Wire

/// The folder a backup is in, and its files.
struct BackupFolder: Sendable {
    let path: String

    init(_ path: String) { self.path = path }

    var manifest: String { path + "/MANIFEST" }
    var underWay: String { path + "/UNDERWAY" }

    /// - Returns: nil where there is no such file.
    /// - Throws: `damaged`, `system`.
    func read(_ file: String) throws(LogError) -> BackupManifest? {
        guard StoreDirectory.exists(file) else { return nil }
        guard let bytes = FileManager.default.contents(atPath: file) else {
            throw .system(code: errno, operation: "read \(file)")
        }
        return try BackupManifest(String(decoding: bytes, as: UTF8.self), file: file)
    }

    /// Refuses a folder that holds something else: a sweep would take what is named as a backup's files are.
    ///
    /// A backup's folder has one of the two manifests from its beginning on.
    func insistOnBackupOrNothing() throws(LogError) {
        if StoreDirectory.exists(manifest) || StoreDirectory.exists(underWay) { return }
        let ours = ["lock", "MANIFEST.new", "UNDERWAY.new"]
        let found: [String]
        do { found = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw .invalid(what: "\(path) is no folder that can be read: name a new or an empty one")
        }
        guard found.allSatisfy(ours.contains) else {
            throw .invalid(what: "\(path) is not empty, and holds no backup: name a new or an empty folder")
        }
    }

    /// Writes a manifest: the file is the old one or the new one, whenever it is looked at.
    func write(_ content: BackupManifest, as file: String) throws(LogError) {
        let fresh = file + ".new"
        let out = try BackupFile(creating: fresh)
        try out.write(Array(content.text.utf8))
        try out.sync()
        guard rename(fresh, file) == 0 else { throw .system(code: errno, operation: "rename \(fresh)") }
        try StoreDirectory.sync(path)
    }

    /// Removes files that neither manifest names: what a run that was cut short was writing. Keys are overwritten first.
    func sweep(keeping manifests: [BackupManifest]) throws(LogError) {
        let named = Set(
            manifests.flatMap {
                $0.segments.map(\.name) + [$0.keys, $0.checkpoints].compactMap { $0?.name }
            })
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            let isOurs = ["log-", "keys-", "checkpoints-"].contains { name.hasPrefix($0) }
            guard isOurs || name.hasSuffix(".new"), !named.contains(name) else { continue }
            let file = path + "/" + name
            if name.hasPrefix("keys-") { try KeyFolder.overwrite(file) }
            guard unlink(file) == 0 else { throw .system(code: errno, operation: "unlink \(file)") }
        }
    }
}

/// A file of a backup, written or read from its beginning to its end.
///
/// `@unchecked Sendable` because one thread at a time has it: `WriteBehind`'s until that is joined, then its maker's.
final class BackupFile: @unchecked Sendable {
    let path: String
    private let descriptor: Int32
    private(set) var bytes: UInt64 = 0

    init(creating path: String) throws(LogError) {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(path)") }
    }

    init(reading path: String) throws(LogError) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(path)") }
    }

    deinit { close(descriptor) }

    func write(_ data: [UInt8]) throws(LogError) { try write(data[...]) }

    private func write(_ data: ArraySlice<UInt8>) throws(LogError) {
        var done = 0
        while done < data.count {
            let wrote = data.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + done, data.count - done)
            }
            if wrote < 0, errno == EINTR { continue }
            guard wrote > 0 else {
                throw .system(code: wrote < 0 ? errno : ENOSPC, operation: "write \(path)")
            }
            done += wrote
        }
        bytes += UInt64(data.count)
    }

    /// Bytes handed to the disk at a time: a commit's sync beside the backup waits behind no more than these.
    private static let pieceBytes = 256 << 10

    /// Writes piece by piece, each on the disk before the next, so that `sync` finds little left to wait for. What is on the disk need not
    /// stay in memory.
    func writePaced(_ data: [UInt8]) throws(LogError) {
        var done = 0
        while done < data.count {
            // Up to a whole piece of the file: where a page were left in parts, the disk would have to give it back for the rest.
            let count = min(Self.pieceBytes - Int(bytes) % Self.pieceBytes, data.count - done)
            try write(data[done..<done + count])
            done += count
            guard Int(bytes) % Self.pieceBytes == 0 else { continue }
            let piece = bytes - UInt64(Self.pieceBytes)
            FileRange.writeBack(descriptor, at: piece, count: Self.pieceBytes)
            posix_fadvise(descriptor, off_t(piece), off_t(Self.pieceBytes), POSIX_FADV_DONTNEED)
        }
    }

    func sync() throws(LogError) {
        guard fdatasync(descriptor) == 0 else { throw .system(code: errno, operation: "fdatasync \(path)") }
    }

    /// Reads into a buffer from an offset of it on.
    ///
    /// - Returns: bytes read; 0 at the end.
    func read(into buffer: inout [UInt8], from offset: Int) throws(LogError) -> Int {
        while true {
            let count = buffer.withUnsafeMutableBytes {
                Foundation.read(descriptor, $0.baseAddress! + offset, $0.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .system(code: errno, operation: "read \(path)") }
            return count
        }
    }
}
