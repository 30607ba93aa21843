import CLMDB

/// A named database of an environment. The handle stays valid until the environment closes.
public struct Database: Sendable, Hashable {
    public let name: String
    let dbi: MDB_dbi
}

extension Environment {
    /// Opens a database of byte-ordered keys, creating it where asked to.
    ///
    /// Open all databases at start, from one thread: LMDB allows no other open beside it.
    /// - Parameter fixedValues: keys have sets of values, all of one length and at most 511 bytes, in the order of their bytes.
    ///   They are packed without a byte between them, where an
    ///   entry of its own costs ten. LMDB does not check the length.
    /// - Throws: `MDB_NOTFOUND` where it is not there and not to be created.
    public func openDatabase(
        _ name: String, create: Bool = true, fixedValues: Bool = false
    ) throws(LMDBError) -> Database {
        let database = try open(name, create: create, fixedValues: fixedValues)
        opened.withLock { $0.append(database) }
        return database
    }

    private func open(_ name: String, create: Bool, fixedValues: Bool) throws(LMDBError) -> Database {
        if options.readOnly {
            return try unsafe using { (handle) throws(LMDBError) in
                unsafe try Self.openInReadTransaction(name, of: handle)
            }
        }
        let kind = fixedValues ? UInt32(MDB_DUPSORT | MDB_DUPFIXED) : 0
        return try withWriteTransaction { (txn: borrowing WriteTransaction) throws(LMDBError) in
            try unsafe Self.open(name, in: txn.handle, flags: kind | (create ? UInt32(MDB_CREATE) : 0))
        }
    }

    /// A handle opened in a read transaction is only kept if that transaction commits.
    static func openInReadTransaction(
        _ name: String, of handle: OpaquePointer
    ) throws(LMDBError) -> Database {
        var begun: OpaquePointer?
        try LMDBError.check(unsafe mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &begun), "mdb_txn_begin")
        guard let txn = unsafe begun else { throw LMDBError(code: MDB_BAD_TXN, operation: "mdb_txn_begin") }
        do throws(LMDBError) {
            let database = try unsafe Self.open(name, in: txn, flags: 0)
            try LMDBError.check(unsafe mdb_txn_commit(txn), "mdb_txn_commit")
            return database
        } catch {
            if error.operation != "mdb_txn_commit" { unsafe mdb_txn_abort(txn) }
            throw error
        }
    }

    private static func open(
        _ name: String, in txn: OpaquePointer, flags: UInt32
    ) throws(LMDBError) -> Database {
        var dbi: MDB_dbi = 0
        let code = unsafe mdb_dbi_open(txn, name, flags, &dbi)
        if code != 0 { throw LMDBError(code: code, operation: "mdb_dbi_open \(name)") }
        return Database(name: name, dbi: dbi)
    }
}
