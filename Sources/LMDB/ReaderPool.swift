import CLMDB
import Glibc

/// LMDB's handle, reset read transactions waiting to be renewed, and the count of those who use either: the environment
/// is closed when that falls to zero after a close.
@safe struct ReaderPool: @unchecked Sendable {  // because it is only ever used under its environment's lock
    /// Reset transactions kept; each holds a slot of the reader table.
    static let kept = 64

    /// What whoever counted themselves in may use until they leave.
    private(set) var environment: OpaquePointer
    private var idle: [OpaquePointer] = unsafe []
    private var active = 0
    private var closed = false
    private var paused = false

    init(_ environment: OpaquePointer) { unsafe self.environment = unsafe environment }

    /// Counts a user in.
    ///
    /// - Returns: nil while the environment is being opened again: try again shortly.
    mutating func enter() throws(LMDBError) -> OpaquePointer? {
        if closed { throw LMDBError(code: EBADF, operation: LMDBError.closedOperation) }
        if paused { return nil }
        active += 1
        return unsafe environment
    }

    /// For one who is counted in: a reset transaction, if there is any.
    mutating func takeIdle() -> OpaquePointer? { unsafe idle.popLast() }

    /// - Returns: whether the environment is to be closed now.
    mutating func leave(returning txn: OpaquePointer) -> Bool {
        if closed || paused || (unsafe idle.count) >= Self.kept {
            unsafe mdb_txn_abort(txn)
        } else {
            unsafe idle.append(txn)
        }
        return leave()
    }

    mutating func leave() -> Bool {
        active -= 1
        return closed && active == 0
    }

    /// Closed, and no transaction is left.
    var isDone: Bool { closed && active == 0 && !paused }

    /// - Returns: whether the environment is to be closed now.
    mutating func close() -> Bool {
        if closed { return false }
        closed = true
        dropIdle()
        return active == 0 && !paused
    }

    /// Lets nobody in.
    ///
    /// - Returns: whether all have left.
    mutating func pause() -> Bool {
        paused = true
        dropIdle()
        return active == 0
    }

    /// Lets users in again: to another environment, or to the one before.
    ///
    /// - Returns: whether the environment was closed meanwhile, and is to be closed now.
    mutating func resume(_ environment: OpaquePointer?) -> Bool {
        paused = false
        if let environment = unsafe environment { unsafe self.environment = unsafe environment }
        return closed && active == 0
    }

    /// There is no environment any more.
    mutating func abandon() { (closed, paused) = (true, false) }

    private mutating func dropIdle() {
        while let txn = unsafe idle.popLast() { unsafe mdb_txn_abort(txn) }
    }
}
