import Glibc

/// Which files a key store that is open in a process beside the writer's has: an erasure gives it others of the same names.
struct KeyFiles: Sendable {
    private let data: String
    private let lock: String
    private let opened: [ino_t]

    enum Hold {
        /// Until that descriptor is closed.
        case held(Int32)
        /// The files are others by now.
        case replaced
        /// The system does not open or lock it: errno.
        case failed(Int32)
    }

    /// The data file's number.
    var dataFile: UInt64 { UInt64(opened[0]) }

    /// - Throws: `system` where they are not there.
    init(_ directory: String) throws(LogError) {
        (data, lock) = (directory + "/data.mdb", directory + "/lock.mdb")
        guard let found = Self.numbers(data, lock) else {
            throw .system(code: errno, operation: "stat \(directory)/data.mdb")
        }
        opened = found
    }

    /// A file that is open keeps its number, so that no other gets the same meanwhile.
    private static func numbers(_ data: String, _ lock: String) -> [ino_t]? {
        var (ofData, ofLock) = (stat(), stat())
        guard stat(data, &ofData) == 0 else { return nil }
        // A folder that cannot be written has none, and nobody replaces its files.
        return [ofData.st_ino, stat(lock, &ofLock) == 0 ? ofLock.st_ino : 0]
    }

    var areCurrent: Bool { Self.numbers(data, lock) == opened }

    /// Keeps the data file from being overwritten until the descriptor is closed.
    ///
    /// It is looked at again once it is held: a file is renamed away before it is overwritten, so that one which still has its name
    /// waits for whoever holds it.
    func hold() -> Hold {
        let descriptor = open(data, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return errno == ENOENT ? .replaced : .failed(errno) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            return code == EWOULDBLOCK ? .replaced : .failed(code)
        }
        if areCurrent { return .held(descriptor) }
        close(descriptor)
        return .replaced
    }
}
