import Foundation

/// The folder beside a store's place in which a restore makes the store: `STORE.restoring`. One restore has it at a time.
///
/// The lock is on the folder itself and goes with the process. What was not published is removed with the object.
public final class RestorePlace {
    /// The folder.
    public let path: String
    private let store: String
    private let descriptor: Int32
    private var isPublished = false

    /// Makes the folder, empty. What a restore that was cut short left there goes, its keys overwritten.
    ///
    /// - Throws: `exists` where another restore is at it, and where something lies there that no restore left; `system`.
    init(for store: String) throws(LogError) {
        (path, self.store) = (store + ".restoring", store)
        if StoreDirectory.exists(path) {
            let left = try Self.lock(path)
            defer { close(left) }
            try Self.clear(path)
        }
        try StoreDirectory.create(path)
        descriptor = try Self.lock(path)
    }

    deinit {
        // What cannot be removed now is met by the next restore.
        if !isPublished { try? Self.clear(path) }
        close(descriptor)
    }

    /// Puts the folder in the store's place, durably.
    public func publish() throws(LogError) {
        rmdir(store)
        guard rename(path, store) == 0 else { throw .system(code: errno, operation: "rename \(path)") }
        isPublished = true
        try StoreDirectory.sync(URL(filePath: store).deletingLastPathComponent().path)
    }

    private static func lock(_ path: String) throws(LogError) -> Int32 {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0, errno == ENOTDIR {
            throw .exists(what: "\(path), which no restore left: move it away")
        }
        guard descriptor >= 0 else { throw .system(code: errno, operation: "open \(path)") }
        var (held, named) = (stat(), stat())
        // Whoever had it may have removed it meanwhile: then it is another's by now, or nobody's.
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &held) == 0,
            stat(path, &named) == 0, held.st_ino == named.st_ino
        else {
            close(descriptor)
            throw .exists(what: "\(path): another restore is at it")
        }
        return descriptor
    }

    private static func clear(_ path: String) throws(LogError) {
        let files = FileManager.default
        do {
            let found = try files.contentsOfDirectory(atPath: path)
            if let other = found.first(where: { !["log", "keys", "views"].contains($0) }) {
                throw LogError.exists(what: "\(path)/\(other), which no restore left: move it away")
            }
            let keys = path + "/keys"
            for name in found.contains("keys") ? try files.subpathsOfDirectory(atPath: keys) : []
            where name.hasSuffix(".mdb") {
                try KeyFolder.overwrite(keys + "/" + name)
            }
            try files.removeItem(atPath: path)
        } catch let error as LogError { throw error } catch {
            throw .damaged(what: "\(path) cannot be removed: \(error.localizedDescription)")
        }
    }
}
