import CLMDB
import Glibc

/// How `put` treats what is there.
public struct PutFlags: OptionSet, Sendable {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The key is above all others: no search, and pages are filled whole. `MDB_KEYEXIST` where it is not.
    public static let append = PutFlags(rawValue: UInt32(MDB_APPEND))
    /// `MDB_KEYEXIST` where the key is there.
    public static let noOverwrite = PutFlags(rawValue: UInt32(MDB_NOOVERWRITE))
}

/// The one write transaction of an environment. It belongs to the thread that began it.
///
/// Committing consumes it; dropping it aborts. After any error but `MDB_NOTFOUND` and `MDB_KEYEXIST`, drop it.
@safe public struct WriteTransaction: ~Copyable, Transaction {
    // Nil once committed: `discard self` would not release the environment.
    private var pending: OpaquePointer?
    private let environment: Environment
    private let thread: pthread_t

    var handle: OpaquePointer {
        guard let open = unsafe pending else { preconditionFailure("the transaction was committed") }
        return unsafe open
    }

    @unsafe public var rawHandle: OpaquePointer { unsafe handle }

    init(handle: OpaquePointer, environment: Environment) {
        unsafe pending = handle
        self.environment = environment
        thread = pthread_self()
    }

    deinit {
        if let open = unsafe pending { unsafe mdb_txn_abort(open) }
        environment.leave()
    }

    /// Makes the transaction durable, as the environment's options define it.
    ///
    /// - Throws: anything here means that writing must stop until the environment was closed and checked.
    public consuming func commit() throws(LMDBError) {
        precondition(pthread_equal(thread, pthread_self()) != 0, "a write transaction left its thread")
        let code = unsafe mdb_txn_commit(handle)
        unsafe pending = nil
        try LMDBError.check(code, "mdb_txn_commit")
    }

    /// Drops the transaction: nothing of it is kept.
    public consuming func abort() {}

    // MARK: Writes

    /// Writes a value.
    public func put(
        _ database: Database, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer,
        _ flags: PutFlags = []
    ) throws(LMDBError) {
        var k = unsafe MDB_val(borrowing: key)
        var v = unsafe MDB_val(borrowing: value)
        try LMDBError.check(unsafe mdb_put(handle, database.dbi, &k, &v, flags.rawValue), "mdb_put")
    }

    public func put(
        _ database: Database, _ key: [UInt8], _ value: [UInt8], _ flags: PutFlags = []
    ) throws(LMDBError) {
        try unsafe key.withUnsafeBytes { k in
            unsafe value.withUnsafeBytes { v in
                Result { () throws(LMDBError) in try unsafe put(database, k, v, flags) }
            }
        }.get()
    }

    /// Writes under a key of eight bytes, big-endian.
    public func put(
        _ database: Database, _ key: UInt64, _ value: [UInt8], _ flags: PutFlags = []
    ) throws(LMDBError) {
        var ordered = key.bigEndian
        try unsafe withUnsafeBytes(of: &ordered) { (k) in
            unsafe value.withUnsafeBytes { v in
                Result { () throws(LMDBError) in try unsafe put(database, k, v, flags) }
            }
        }.get()
    }

    /// Makes room for a value under a key of eight bytes, big-endian, and lets `fill` write it in place.
    ///
    /// `fill` must write all of it: the room is not zeroed, and what it leaves would carry old memory to the disk.
    public func reserve(
        _ database: Database, _ key: UInt64, count: Int, _ flags: PutFlags = [],
        fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(LMDBError) {
        var ordered = key.bigEndian
        var v = unsafe MDB_val(mv_size: count, mv_data: nil)
        let code = unsafe withUnsafeMutableBytes(of: &ordered) { bytes in
            var k = unsafe MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            return unsafe mdb_put(handle, database.dbi, &k, &v, flags.rawValue | UInt32(MDB_RESERVE))
        }
        try LMDBError.check(code, "mdb_put")
        unsafe fill(UnsafeMutableRawBufferPointer(start: v.mv_data, count: count))
    }

    /// - Returns: whether the key was there.
    @discardableResult
    public func delete(_ database: Database, _ key: [UInt8]) throws(LMDBError) -> Bool {
        let code = unsafe key.withUnsafeBytes { bytes in
            var k = unsafe MDB_val(borrowing: bytes)
            return unsafe mdb_del(handle, database.dbi, &k, nil)
        }
        if code == MDB_NOTFOUND { return false }
        try LMDBError.check(code, "mdb_del")
        return true
    }

    /// Deletes all entries of a database.
    public func clear(_ database: Database) throws(LMDBError) {
        try LMDBError.check(unsafe mdb_drop(handle, database.dbi, 0), "mdb_drop")
    }
}
