import Glibc
import LMDB
import Synchronization

@testable import Projections

/// A failure that a test turns on and off: of every fold, say, as a full disk's.
final class Fault: Sendable {
    private let error: Mutex<ProjectionError?>
    private let opening = Mutex<(@Sendable () throws -> Void)?>(nil)

    static let fullDisk = ProjectionError.lmdb(LMDBError(code: ENOSPC, operation: "mdb_txn_commit"))

    init(_ error: ProjectionError? = nil) { self.error = Mutex(error) }

    func set(_ fresh: ProjectionError?) { error.withLock { $0 = fresh } }

    /// What the next opening of tables does first, once.
    func whenOpening(_ body: @escaping @Sendable () throws -> Void) { opening.withLock { $0 = body } }

    func check() throws(ProjectionError) {
        if let error = error.withLock({ $0 }) { throw error }
    }

    func opened() throws(ProjectionError) {
        let body = opening.withLock { next in
            defer { next = nil }
            return next
        }
        do { try body?() } catch { throw .lmdb(LMDBError(code: ENOENT, operation: "mdb_env_open")) }
    }
}
