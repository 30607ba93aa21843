import Glibc
import Synchronization

/// The environments this process has open, by real path.
///
/// Opening one twice would be silent damage: closing either drops the fcntl locks of both.
enum EnvironmentRegistry {
    private static let open = Mutex<Set<String>>([])

    /// - Throws: EBUSY where the path is open in this process already.
    static func claim(_ path: String) throws(LMDBError) {
        let fresh = open.withLock { $0.insert(path).inserted }
        if !fresh { throw LMDBError(code: EBUSY, operation: "open \(path): open in this process already") }
    }

    static func release(_ path: String) {
        open.withLock { _ = $0.remove(path) }
    }

    static func isOpen(_ path: String) -> Bool { open.withLock { $0.contains(path) } }

    static func realPath(_ path: String) throws(LMDBError) -> String {
        guard let resolved = unsafe realpath(path, nil) else {
            throw LMDBError(code: errno, operation: "realpath \(path)")
        }
        defer { unsafe free(resolved) }
        return unsafe String(cString: resolved)
    }
}
