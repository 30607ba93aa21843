import CLMDB
import Glibc

/// What an environment's meta page says.
public struct EnvironmentInfo: Sendable, Hashable {
    /// Address space reserved, bytes.
    public var mapBytes: UInt64
    /// Bytes up to the last page in use; pages freed below it count.
    public var usedBytes: UInt64
    public var pageBytes: Int
    public var lastTransaction: UInt64
    /// Reader slots in use, over all processes, and how many there are.
    public var readers: Int
    public var maxReaders: Int
}

extension Environment {
    public var info: EnvironmentInfo {
        get throws(LMDBError) {
            var raw = unsafe MDB_envinfo()
            try unsafe using { (handle) throws(LMDBError) in
                try LMDBError.check(unsafe mdb_env_info(handle, &raw), "mdb_env_info")
            }
            return unsafe EnvironmentInfo(
                mapBytes: UInt64(raw.me_mapsize),
                usedBytes: (UInt64(raw.me_last_pgno) + 1) * UInt64(pageBytes),
                pageBytes: pageBytes, lastTransaction: UInt64(raw.me_last_txnid),
                readers: Int(raw.me_numreaders), maxReaders: Int(raw.me_maxreaders))
        }
    }

    /// Frees the reader slots of processes that died. Run it at start and at intervals: a stale reader pins pages.
    ///
    /// - Returns: how many there were.
    @discardableResult
    public func readerCheck() throws(LMDBError) -> Int {
        var dead: Int32 = 0
        try unsafe using { (handle) throws(LMDBError) in
            try LMDBError.check(unsafe mdb_reader_check(handle, &dead), "mdb_reader_check")
        }
        return Int(dead)
    }

    /// Writes a consistent copy into an existing empty directory. It is a long read transaction.
    public func copy(to directory: String, compacting: Bool) throws(LMDBError) {
        let code = try unsafe using { (handle) throws(LMDBError) in
            unsafe mdb_env_copy2(handle, directory, compacting ? UInt32(MDB_CP_COMPACT) : 0)
        }
        if code != 0 { throw LMDBError(code: code, operation: "mdb_env_copy2 \(directory)") }
    }

    /// Syncs whatever was committed without one (`Durability.none`).
    public func sync() throws(LMDBError) {
        try unsafe using { (handle) throws(LMDBError) in
            try LMDBError.check(unsafe mdb_env_sync(handle, 1), "mdb_env_sync")
        }
    }

    /// Bytes of the data file.
    public var fileBytes: UInt64 {
        get throws(LMDBError) {
            var status = stat()
            if unsafe fstat(try dataFile, &status) != 0 { throw LMDBError(code: errno, operation: "fstat") }
            return UInt64(status.st_size)
        }
    }

    /// The number (inode) of the data file that is open, whatever stands under its name by now.
    public var fileNumber: UInt64 {
        get throws(LMDBError) {
            var status = stat()
            if unsafe fstat(try dataFile, &status) != 0 { throw LMDBError(code: errno, operation: "fstat") }
            return UInt64(status.st_ino)
        }
    }

    /// Writes zeros into the data file past its used pages, and starts their way to the disk, so that later
    /// commits find their blocks allocated (a commit that extends the file also pays for the file's own metadata).
    ///
    /// The caller makes sure that no write transaction can reach the range meanwhile.
    public func writeZeros(at offset: UInt64, count: Int) throws(LMDBError) {
        let descriptor = try dataFile
        // In small pieces: the file system lets nobody else write to the file meanwhile, and a commit may want to.
        let zeros = [UInt8](repeating: 0, count: min(count, 64 << 10))
        var done = 0
        while done < count {
            let wanted = min(zeros.count, count - done)
            let wrote = unsafe zeros.withUnsafeBytes {
                unsafe pwrite(descriptor, $0.baseAddress, wanted, off_t(offset) + off_t(done))
            }
            if wrote <= 0 { throw LMDBError(code: wrote < 0 ? errno : ENOSPC, operation: "pwrite") }
            done += wrote
        }
        _ = daybook_write_back(descriptor, off_t(offset), off_t(count))
    }

    /// Cuts the data file back to its used pages. Only while no write transaction can begin.
    public func truncateToUsed() throws(LMDBError) {
        let used = try info.usedBytes
        if try fileBytes > used, ftruncate(try dataFile, off_t(used)) != 0 {
            throw LMDBError(code: errno, operation: "ftruncate")
        }
    }
}
