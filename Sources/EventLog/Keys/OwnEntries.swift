import LMDB

/// What a key store's file says of itself, read when it is opened.
struct OwnEntries {
    var check: [UInt8]
    var allocated: KeySlot
    var destroyed: Set<KeySlot>
    /// The index key's entry.
    var index: [UInt8]

    /// - Returns: nil where the file was replaced meanwhile.
    /// - Throws: `notFound`, `damaged`, `lmdb`.
    static func read(_ tables: KeyTables) throws(LogError) -> OwnEntries? {
        try tables.section { (t: borrowing ReadTransaction) throws(LogError) in
            let found = try LogError.keys { () throws(LMDBError) in
                (
                    format: try t.copy(tables.meta, KeyStore.MetaKey.format),
                    check: try t.copy(tables.meta, KeyStore.MetaKey.check),
                    allocated: try t.copy(tables.meta, KeyStore.MetaKey.allocated),
                    destroyed: try t.copy(tables.meta, KeyStore.MetaKey.destroyed),
                    index: try t.copy(tables.slots, KeySlot.index.value)
                )
            }
            guard let format = found.format else {
                throw .notFound(what: "a key store in \(tables.environment.path)")
            }
            guard format == [KeyStore.formatVersion], let check = found.check, let index = found.index,
                let bytes = found.allocated, let allocated = try? KeyStore.slot(bytes),
                let destroyed = try? KeyStore.slots(found.destroyed ?? [])
            else { throw .damaged(what: "the key store's own entries are damaged, or of another format") }
            return OwnEntries(
                check: check, allocated: allocated, destroyed: Set(destroyed), index: index)
        }
    }
}
