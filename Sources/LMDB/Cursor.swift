import CLMDB

/// A place among a database's entries, in key order.
///
/// `key` and `value` are borrowed from the map: good until the cursor moves in a transaction that writes, or the
/// transaction ends. Copy what is to be kept.
@safe public struct Cursor: ~Copyable {
    private let handle: OpaquePointer
    private var currentKey: MDB_val
    private var currentValue: MDB_val

    init(transaction: OpaquePointer, database: Database) throws(LMDBError) {
        var opened: OpaquePointer?
        let code = unsafe mdb_cursor_open(transaction, database.dbi, &opened)
        guard code == 0, let opened = unsafe opened else {
            throw LMDBError(code: code, operation: "mdb_cursor_open")
        }
        unsafe handle = opened
        unsafe (currentKey, currentValue) = (MDB_val(), MDB_val())
    }

    deinit { unsafe mdb_cursor_close(handle) }

    /// The key where the cursor stands; empty where the last move found nothing.
    public var key: UnsafeRawBufferPointer { unsafe currentKey.bytes }
    /// The value where the cursor stands.
    public var value: UnsafeRawBufferPointer { unsafe currentValue.bytes }

    private mutating func move(_ operation: MDB_cursor_op) throws(LMDBError) -> Bool {
        let code = unsafe mdb_cursor_get(handle, &currentKey, &currentValue, operation)
        if code == 0 { return true }
        unsafe (currentKey, currentValue) = (MDB_val(), MDB_val())
        if code == MDB_NOTFOUND { return false }
        throw LMDBError(code: code, operation: "mdb_cursor_get")
    }

    /// - Returns: whether there is an entry; the same for all moves.
    public mutating func first() throws(LMDBError) -> Bool { try move(MDB_FIRST) }
    public mutating func last() throws(LMDBError) -> Bool { try move(MDB_LAST) }
    /// The next entry; the first, where the cursor stands nowhere yet.
    public mutating func next() throws(LMDBError) -> Bool { try move(MDB_NEXT) }
    /// The entry before; the last, where the cursor stands nowhere yet.
    public mutating func previous() throws(LMDBError) -> Bool { try move(MDB_PREV) }

    /// The first entry whose key is not below the one given.
    public mutating func seek(_ wanted: UnsafeRawBufferPointer) throws(LMDBError) -> Bool {
        unsafe currentKey = MDB_val(borrowing: wanted)
        return try move(MDB_SET_RANGE)
    }

    public mutating func seek(_ wanted: [UInt8]) throws(LMDBError) -> Bool {
        let code = unsafe wanted.withUnsafeBytes { bytes in
            unsafe currentKey = MDB_val(borrowing: bytes)
            return Result { () throws(LMDBError) in try move(MDB_SET_RANGE) }
        }
        return try code.get()
    }

    /// The first entry whose key, of eight bytes big-endian, is not below the one given.
    public mutating func seek(_ wanted: UInt64) throws(LMDBError) -> Bool {
        var ordered = wanted.bigEndian
        return try unsafe withUnsafeBytes(of: &ordered) { (bytes) throws(LMDBError) in try unsafe seek(bytes)
        }
    }

    /// In a database of fixed values: the first value of `wanted` that is not below the one given.
    public mutating func seek(_ wanted: [UInt8], value: [UInt8]) throws(LMDBError) -> Bool {
        let code = unsafe wanted.withUnsafeBytes { key in
            unsafe value.withUnsafeBytes { value in
                unsafe (currentKey, currentValue) = (MDB_val(borrowing: key), MDB_val(borrowing: value))
                return Result { () throws(LMDBError) in try move(MDB_GET_BOTH_RANGE) }
            }
        }
        // LMDB leaves the key pointing at the one it was asked for, which is only borrowed.
        guard try code.get() else { return false }
        return try move(MDB_GET_CURRENT)
    }

    /// The last entry whose key is not above the one given.
    public mutating func seekBackward(_ wanted: [UInt8]) throws(LMDBError) -> Bool {
        if try seek(wanted) {
            if unsafe key.elementsEqual(wanted) { return true }
            return try previous()
        }
        return try last()
    }
}
