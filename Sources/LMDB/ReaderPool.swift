import CLMDB
import Glibc

/// Reset read transactions waiting to be renewed, and the count of transactions in use: the environment is closed
/// when that falls to zero after a close.
@safe struct ReaderPool: @unchecked Sendable {  // because it is only ever used under its environment's lock
    /// Reset transactions kept; each holds a slot of the reader table.
    static let kept = 64

    private var idle: [OpaquePointer] = unsafe []
    private var active = 0
    private var closed = false

    /// Counts a transaction in, and hands out an idle one if there is any.
    mutating func enter() throws(LMDBError) -> OpaquePointer? {
        try enterWithout()
        return unsafe idle.popLast()
    }

    mutating func enterWithout() throws(LMDBError) {
        if closed { throw LMDBError(code: EBADF, operation: LMDBError.closedOperation) }
        active += 1
    }

    /// - Returns: whether the environment is to be closed now.
    mutating func leave(returning txn: OpaquePointer) -> Bool {
        if closed || (unsafe idle.count) >= Self.kept {
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
    var isDone: Bool { closed && active == 0 }

    /// - Returns: whether the environment is to be closed now.
    mutating func close() -> Bool {
        if closed { return false }
        closed = true
        while let txn = unsafe idle.popLast() { unsafe mdb_txn_abort(txn) }
        return active == 0
    }
}
