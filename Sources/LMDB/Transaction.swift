import CLMDB

/// What read and write transactions can both do.
///
/// Values are borrowed: they point into the map, and are good until the transaction ends or (in a write
/// transaction) changes something.
public protocol Transaction: ~Copyable {
    /// LMDB's own handle.
    @unsafe var rawHandle: OpaquePointer { get }
}

extension Transaction where Self: ~Copyable {
    /// The value of a key, borrowed for the closure.
    ///
    /// - Returns: nil where the key is not there.
    public func get<R, E: LMDBErrorConvertible>(
        _ database: Database, _ key: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R? {
        let found: UnsafeRawBufferPointer?
        do throws(LMDBError) { unsafe found = try lookUp(database, key) } catch { throw E(error) }
        guard let found = unsafe found else { return nil }
        return try unsafe body(found)
    }

    /// As above, for a key of eight bytes, big-endian.
    public func get<R, E: LMDBErrorConvertible>(
        _ database: Database, _ key: UInt64, _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R? {
        var ordered = key.bigEndian
        return try unsafe withUnsafeBytes(of: &ordered) { (bytes) throws(E) in
            try unsafe get(database, bytes, body)
        }
    }

    /// As above, for a key in an array.
    public func get<R, E: LMDBErrorConvertible>(
        _ database: Database, _ key: [UInt8], _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R? {
        let found: UnsafeRawBufferPointer?
        do throws(LMDBError) {
            unsafe found = try unsafe key.withUnsafeBytes { (bytes) in
                unsafe Result { () throws(LMDBError) in unsafe try lookUp(database, bytes) }
            }.get()
        } catch { throw E(error) }
        guard let found = unsafe found else { return nil }
        return try unsafe body(found)
    }

    /// A copy of a key's value; nil where the key is not there.
    public func copy(_ database: Database, _ key: [UInt8]) throws(LMDBError) -> [UInt8]? {
        try unsafe get(database, key) { (value) throws(LMDBError) in unsafe [UInt8](value) }
    }

    /// A copy of the value of a key of eight bytes, big-endian; nil where the key is not there.
    public func copy(_ database: Database, _ key: UInt64) throws(LMDBError) -> [UInt8]? {
        try unsafe get(database, key) { (value) throws(LMDBError) in unsafe [UInt8](value) }
    }

    private func lookUp(
        _ database: Database, _ key: UnsafeRawBufferPointer
    ) throws(LMDBError) -> UnsafeRawBufferPointer? {
        var k = unsafe MDB_val(borrowing: key)
        var v = unsafe MDB_val()
        let code = unsafe mdb_get(rawHandle, database.dbi, &k, &v)
        if code == MDB_NOTFOUND { return nil }
        try LMDBError.check(code, "mdb_get")
        return unsafe v.bytes
    }

    /// Entries and pages of a database.
    public func statistics(_ database: Database) throws(LMDBError) -> DatabaseStatistics {
        var raw = MDB_stat()
        try LMDBError.check(unsafe mdb_stat(rawHandle, database.dbi, &raw), "mdb_stat")
        return DatabaseStatistics(
            entries: UInt64(raw.ms_entries), depth: Int(raw.ms_depth),
            branchPages: UInt64(raw.ms_branch_pages),
            leafPages: UInt64(raw.ms_leaf_pages), overflowPages: UInt64(raw.ms_overflow_pages))
    }

    /// Runs `body` with a cursor over a database, closed at its end.
    public func withCursor<R, E: LMDBErrorConvertible>(
        _ database: Database, _ body: (inout Cursor) throws(E) -> R
    ) throws(E) -> R {
        var cursor: Cursor
        do throws(LMDBError) {
            cursor = try unsafe Cursor(transaction: rawHandle, database: database)
        } catch { throw E(error) }
        return try body(&cursor)
    }
}

/// What LMDB counts of a database.
public struct DatabaseStatistics: Sendable, Hashable {
    public var entries: UInt64
    public var depth: Int
    public var branchPages: UInt64
    public var leafPages: UInt64
    public var overflowPages: UInt64
}

/// A snapshot, valid inside the closure it is given to. Never `await` inside.
@safe public struct ReadTransaction: ~Copyable, Transaction {
    let handle: OpaquePointer
    @unsafe public var rawHandle: OpaquePointer { unsafe handle }

    init(handle: OpaquePointer) { unsafe self.handle = handle }
}

extension MDB_val {
    init(borrowing bytes: UnsafeRawBufferPointer) {
        unsafe self.init(
            mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }

    var bytes: UnsafeRawBufferPointer {
        unsafe UnsafeRawBufferPointer(start: mv_data, count: mv_size)
    }
}
