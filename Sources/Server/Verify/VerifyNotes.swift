import EventLog
import Foundation

/// What runs of `verify` note of themselves: a folder under `views`, with the state of the log's step and a line for each
/// other step that ended well. Nothing else depends on it. One run at a time has it.
final class VerifyNotes: Sendable {
    let folder: String
    private let isKept: Bool
    /// Held as long as the object is there, and let go of with the process however it ends; negative where there is none.
    private let lock: Int32

    /// - Parameters:
    ///   - resume: false forgets what was noted.
    ///   - isKept: false leaves the folder alone: for a run that notes nothing.
    /// - Throws: `busy` where another run has it.
    init(folder: String, resume: Bool, isKept: Bool = true) throws(StoreError) {
        // Where nothing can be written, there is nothing to fall out over.
        let descriptor = isKept ? open(folder + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600) : -1
        if descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw .busy(
                "another `daybook log verify` of this store is under way: wait for its end (it has \(folder))"
            )
        }
        (self.folder, self.isKept, lock) = (folder, isKept, descriptor)
        guard isKept else { return }
        if !resume { try? FileManager.default.removeItem(atPath: folder) }
        // Where the folder cannot be made, the run cannot be gone on from; it is none the worse for that.
        try? FileManager.default.createDirectory(
            atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit {
        guard lock >= 0 else { return }
        // A program that this process is just starting has the descriptor until it is replaced: closing alone would leave it the lock.
        flock(lock, LOCK_UN)
        close(lock)
    }

    /// Why nothing can be written there; nil where it can.
    var unwritable: String? { access(folder, W_OK) == 0 ? nil : LogError.words(errno) }

    func file(_ name: String) -> String { folder + "/\(name).state" }
    private func mark(_ step: String) -> String { folder + "/" + step.replacing(" ", with: "-") + ".done" }

    func has(_ step: String) -> Bool { FileManager.default.fileExists(atPath: mark(step)) }
    func add(_ step: String) { _ = FileManager.default.createFile(atPath: mark(step), contents: nil) }
    func remove() { if isKept { try? FileManager.default.removeItem(atPath: folder) } }
}
