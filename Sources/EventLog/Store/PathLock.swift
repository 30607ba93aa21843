import Glibc

/// A lock on a file or a directory between processes: shared by those who read what is in it, exclusive for who replaces that. Let go of
/// with the object, or with the process.
final class PathLock: Sendable {
    enum Kind: Sendable { case shared, exclusive }

    private let descriptor: Int32
    /// False where others had it to the end of the wait, or the file system gives none.
    let isHeld: Bool

    /// Waits for others at most that long, and goes on without the lock then: a process that stands still must not keep an erasure from
    /// being done. Whoever goes on so does what is safe without it.
    init(_ path: String, _ kind: Kind, waitingMilliseconds: Int = 10_000) throws(LogError) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .notFound(what: path) }
            throw .system(code: errno, operation: "open \(path)")
        }
        let flags = (kind == .shared ? LOCK_SH : LOCK_EX) | LOCK_NB
        for _ in 0..<waitingMilliseconds {
            if flock(descriptor, flags) == 0 || errno != EWOULDBLOCK { break }
            usleep(1000)
        }
        isHeld = flock(descriptor, flags) == 0
    }

    deinit { close(descriptor) }
}
