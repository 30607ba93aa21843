import Glibc

/// Directories and the lock that makes a process the one writer.
enum StoreDirectory {
    /// Creates a directory and those above it, private to the user.
    static func create(_ path: String) throws(LogError) {
        if path.isEmpty || mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw .system(code: errno, operation: "mkdir \(path)")
        }
        try create(String(path[..<slash]))
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .system(code: errno, operation: "mkdir \(path)") }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes a directory's new entries durable.
    static func sync(_ path: String) throws(LogError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor < 0 { throw .system(code: errno, operation: "open \(path)") }
        defer { close(descriptor) }
        if fsync(descriptor) != 0 { throw .system(code: errno, operation: "fsync \(path)") }
    }

    /// A lock file held while open; the kernel lets go of it when the process ends, however it ends.
    struct Lock: ~Copyable, Sendable {
        private static let tries = 20
        private static let pauseMicroseconds: UInt32 = 5000

        private let descriptor: Int32

        init(_ path: String) throws(LogError) {
            descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor < 0 { throw .system(code: errno, operation: "open \(path)") }
            // A process being started by this one shares its descriptors for a moment, a lock just let go of among them.
            var tries = 0
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
                let code = errno
                if code == EWOULDBLOCK, tries < Self.tries {
                    tries += 1
                    usleep(Self.pauseMicroseconds)
                    continue
                }
                close(descriptor)
                if code == EWOULDBLOCK { throw .inUse(what: path) }
                throw .system(code: code, operation: "flock \(path)")
            }
        }

        deinit { close(descriptor) }
    }
}
