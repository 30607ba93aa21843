import CLMDB
import Glibc

extension Environment {
    /// Milliseconds that transactions have to end before the environment is opened again.
    private static let patience = 10_000

    /// Makes sure that reads go on after a failed commit: LMDB refuses even read transactions once a meta page could not
    /// be written, until the environment was closed and opened again. That is done here.
    ///
    /// - Parameter andWritable: also writes may go on, from what of the last one the disk has; else it is opened for reading only.
    /// - Throws: EBUSY where transactions do not end; otherwise what keeps it from opening, and then it stays closed.
    public func keepReadable(andWritable: Bool = false) throws(LMDBError) {
        do throws(LMDBError) {
            try withReadTransaction { (_: borrowing ReadTransaction) throws(LMDBError) in }
        } catch {
            guard error.code == MDB_PANIC else { throw error }
            try reopen(readOnly: !andWritable)
        }
    }

    private func reopen(readOnly isReadOnly: Bool) throws(LMDBError) {
        var waited = 0
        while !readers.withLock({ $0.pause() }) {
            if waited >= Self.patience {
                if readers.withLock({ unsafe $0.resume(nil) }) { finishClosing() }
                throw LMDBError(code: EBUSY, operation: "reopen \(path): transactions do not end")
            }
            usleep(1000)
            waited += 1
        }
        // Nobody is in, and nobody comes in: the handle is this thread's alone.
        readers.withLock { unsafe mdb_env_close($0.environment) }
        var fresh: OpaquePointer?
        do throws(LMDBError) {
            var again = options
            if isReadOnly { (again.readOnly, again.maxMapBytes) = (true, 0) }
            let handle = unsafe try Self.open(path, again)
            unsafe fresh = unsafe handle
            for database in opened.withLock({ $0 }) {
                let again = unsafe try Self.openInReadTransaction(database.name, of: handle)
                if again != database {
                    throw LMDBError(code: MDB_BAD_DBI, operation: "reopen \(path): \(database.name)")
                }
            }
        } catch {
            if let fresh = unsafe fresh { unsafe mdb_env_close(fresh) }
            readers.withLock { $0.abandon() }
            EnvironmentRegistry.release(path)
            throw error
        }
        if readers.withLock({ unsafe $0.resume(fresh) }) { finishClosing() }
    }
}
