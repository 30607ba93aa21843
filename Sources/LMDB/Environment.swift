import CLMDB
import Glibc
import Synchronization

/// One LMDB environment: a directory with a data file and a lock file.
///
/// A process opens an environment once; share the object. Never use it after a fork, or on a network file system.
///
/// `@unchecked Sendable` because LMDB synchronises the environment itself: write transactions wait for each
/// other, read transactions are opened with `MDB_NOTLS`, and the pointer is closed only when none is left.
@safe public final class Environment: @unchecked Sendable {
    public let path: String
    public let options: EnvironmentOptions
    /// Bytes of a page, 4,096 on most machines.
    public let pageBytes: Int

    let readers: Mutex<ReaderPool>
    /// The databases opened, in order: what a second opening must find under the same handles.
    let opened = Mutex<[Database]>([])

    /// Opens, and creates where it is empty, the environment in an existing directory.
    ///
    /// - Throws: EBUSY where this process has it open; otherwise what LMDB says.
    public init(path: String, options: EnvironmentOptions) throws(LMDBError) {
        let real = try EnvironmentRegistry.realPath(path)
        try EnvironmentRegistry.claim(real)
        let handle: OpaquePointer
        do throws(LMDBError) {
            unsafe handle = try Self.open(real, options)
        } catch {
            EnvironmentRegistry.release(real)
            throw error
        }
        var stat = MDB_stat()
        unsafe mdb_env_stat(handle, &stat)
        pageBytes = Int(stat.ms_psize)
        readers = unsafe Mutex(ReaderPool(handle))
        self.path = real
        self.options = options
    }

    deinit { close() }

    /// Gives the table of readers its blocks before it is mapped: LMDB only sets its length, and on a full disk the first write to it would
    /// then end the process (SIGBUS).
    ///
    /// Nobody in this process has it open: closing the descriptor would drop their locks.
    private static func allocateReaders(_ path: String, _ options: EnvironmentOptions) throws(LMDBError) {
        // Where it cannot be opened, LMDB says why, or does without.
        let descriptor = unsafe Glibc.open(path + "/lock.mdb", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        if descriptor < 0 { return }
        defer { Glibc.close(descriptor) }
        // lmdb's MDB_txninfo, which holds the first reader, and an MDB_reader for each of the others: 64 bytes a part.
        let bytes = 64 * (3 + options.maxReaders - 1)
        let code = posix_fallocate(descriptor, 0, off_t(bytes))
        if code == ENOSPC || code == EDQUOT {
            throw LMDBError(code: code, operation: "allocate \(path)/lock.mdb")
        }
    }

    static func open(
        _ path: String, _ options: EnvironmentOptions
    ) throws(LMDBError) -> OpaquePointer {
        try allocateReaders(path, options)
        var created: OpaquePointer?
        try LMDBError.check(unsafe mdb_env_create(&created), "mdb_env_create")
        guard let env = unsafe created else { throw LMDBError(code: ENOMEM, operation: "mdb_env_create") }
        do throws(LMDBError) {
            if options.maxMapBytes > 0 {
                try LMDBError.check(
                    unsafe mdb_env_set_mapsize(env, options.maxMapBytes), "mdb_env_set_mapsize")
            }
            try LMDBError.check(
                unsafe mdb_env_set_maxdbs(env, MDB_dbi(options.maxDatabases)), "mdb_env_set_maxdbs")
            try LMDBError.check(
                unsafe mdb_env_set_maxreaders(env, UInt32(options.maxReaders)), "mdb_env_set_maxreaders")
            // Never MDB_WRITEMAP: a stray pointer would corrupt the file, and a full disk would be a SIGBUS.
            var flags = UInt32(MDB_NOTLS)
            if options.readOnly { flags |= UInt32(MDB_RDONLY) }
            if options.durability == .none { flags |= UInt32(MDB_NOSYNC) }
            if !options.readAhead { flags |= UInt32(MDB_NORDAHEAD) }
            let code = unsafe mdb_env_open(env, path, flags, 0o600)
            if code != 0 { throw LMDBError(code: code, operation: "mdb_env_open \(path)") }
        } catch {
            unsafe mdb_env_close(env)
            throw error
        }
        return unsafe env
    }

    /// Closes once no transaction is left: at once, or when the last read transaction ends. Later calls fail.
    public func close() {
        let last = readers.withLock { $0.close() }
        if last { finishClosing() }
    }

    /// Closes and waits until the last transaction under way has ended: then the path can be opened again.
    ///
    /// Never from inside one of its transactions.
    public func closeAndWait() {
        close()
        while readers.withLock({ !$0.isDone }) { usleep(100) }
        while EnvironmentRegistry.isOpen(path) { usleep(100) }
    }

    func finishClosing() {
        readers.withLock { unsafe mdb_env_close($0.environment) }
        EnvironmentRegistry.release(path)
    }

    /// The data file's descriptor, LMDB's own: `pread`, `pwrite` and `ftruncate` only, which leave its offset be.
    var dataFile: Int32 {
        get throws(LMDBError) {
            try unsafe using { (handle) throws(LMDBError) in
                var descriptor: Int32 = -1
                try LMDBError.check(unsafe mdb_env_get_fd(handle, &descriptor), "mdb_env_get_fd")
                return descriptor
            }
        }
    }

    // MARK: Transactions

    /// Runs `body` in a read transaction: a snapshot, never blocked by the writer.
    ///
    /// Keep it short: pages freed meanwhile are not reused until it ends. It is only valid inside the closure.
    public func withReadTransaction<R: ~Copyable, E: LMDBErrorConvertible>(
        _ body: (borrowing ReadTransaction) throws(E) -> R
    ) throws(E) -> R {
        let txn: OpaquePointer
        do throws(LMDBError) { unsafe txn = try enterRead() } catch { throw E(error) }
        defer { unsafe leaveRead(txn) }
        return try body(unsafe ReadTransaction(handle: txn))
    }

    /// Begins the write transaction, waiting for another to end. It stays on this thread until it is committed
    /// or dropped (which aborts it).
    public func beginWrite() throws(LMDBError) -> WriteTransaction {
        let handle = unsafe try enter()
        var txn: OpaquePointer?
        let code = unsafe mdb_txn_begin(handle, nil, 0, &txn)
        guard code == 0, let begun = unsafe txn else {
            leave()
            throw LMDBError(code: code, operation: "mdb_txn_begin")
        }
        return unsafe WriteTransaction(handle: begun, environment: self)
    }

    /// Runs `body` in a write transaction, and commits it unless it throws.
    public func withWriteTransaction<R, E: LMDBErrorConvertible>(
        _ body: (borrowing WriteTransaction) throws(E) -> R
    ) throws(E) -> R {
        let txn: WriteTransaction
        do throws(LMDBError) { txn = try beginWrite() } catch { throw E(error) }
        let result = try body(txn)
        do throws(LMDBError) { try txn.commit() } catch { throw E(error) }
        return result
    }

    private func enterRead() throws(LMDBError) -> OpaquePointer {
        let handle = unsafe try enter()
        if let pooled = unsafe readers.withLock({ unsafe $0.takeIdle() }) {
            let code = unsafe mdb_txn_renew(pooled)
            if code == 0 { return unsafe pooled }
            unsafe mdb_txn_abort(pooled)
            leave()
            throw LMDBError(code: code, operation: "mdb_txn_renew")
        }
        var txn: OpaquePointer?
        let code = unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &txn)
        guard code == 0, let begun = unsafe txn else {
            leave()
            throw LMDBError(code: code, operation: "mdb_txn_begin")
        }
        return unsafe begun
    }

    private func leaveRead(_ txn: OpaquePointer) {
        unsafe mdb_txn_reset(txn)
        let last = readers.withLock { unsafe $0.leave(returning: txn) }
        if last { finishClosing() }
    }

    /// Counts a user of the handle in, who must `leave`. Waits while the environment is being opened again.
    func enter() throws(LMDBError) -> OpaquePointer {
        while true {
            let handle = unsafe try readers.withLock { (pool) throws(LMDBError) in unsafe try pool.enter() }
            if let handle = unsafe handle { return unsafe handle }
            usleep(1000)
        }
    }

    func leave() {
        if readers.withLock({ $0.leave() }) { finishClosing() }
    }

    /// Runs `body` with LMDB's handle, which nobody closes meanwhile.
    func using<R>(_ body: (OpaquePointer) throws(LMDBError) -> R) throws(LMDBError) -> R {
        let handle = unsafe try enter()
        defer { leave() }
        return unsafe try body(handle)
    }
}
