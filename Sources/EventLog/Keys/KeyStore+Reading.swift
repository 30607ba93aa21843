import Ciphers
import LMDB
import Synchronization

extension KeyStore {
    /// Opens a key store's file, and reads what it says of itself.
    static func open(
        _ directory: String, _ mapBytes: Int, readOnly: Bool
    ) throws(LogError) -> (KeyTables, OwnEntries) {
        while true {
            let tables = try KeyTables(directory, mapBytes: mapBytes, readOnly: readOnly)
            if let own = try OwnEntries.read(tables) { return (tables, own) }
            tables.environment.close()
        }
    }

    /// One short read transaction on the file that is current. Where that is replaced meanwhile, by this process or by another, once
    /// more on the new one.
    func reading<R>(
        _ body: (KeyTables, borrowing ReadTransaction, _ master: SecretKey) throws(LMDBError) -> R
    ) throws(LogError) -> R {
        while true {
            let now = current.withLock { $0 }
            do throws(LMDBError) {
                let result = try now.tables.section { (t: borrowing ReadTransaction) throws(LMDBError) in
                    try body(now.tables, t, now.master)
                }
                if let result { return result }
            } catch {
                if current.withLock({ $0.tables.environment === now.tables.environment }) {
                    throw .lmdb(error)
                }
                continue
            }
            try reopen(insteadOf: now.tables)
        }
    }

    /// Opens what another process put in the file's place, unless another thread did.
    ///
    /// - Throws: `key` where the keys are under another master key now.
    private func reopen(insteadOf old: KeyTables) throws(LogError) {
        let destroyed = try current.withLock { (current) throws(LogError) -> Set<KeySlot>? in
            guard current.tables.environment === old.environment else { return nil }
            old.environment.closeAndWait()
            let (tables, own) = try Self.open(directory, mapBytes, readOnly: true)
            guard Self.isCheck(own.check, current.master) else {
                throw .key(
                    slot: .none, what: "the master key was changed meanwhile: begin again with the new one")
            }
            current.tables = tables
            return own.destroyed
        }
        guard let destroyed else { return }
        state.withLock { $0.destroyed = destroyed }
        cache.forgetAll()
    }

    /// Counts the entries of keys in one section, with a pause in the middle of it: what becomes of a process that stands still there.
    @_spi(Torture) public static func countEntries(
        at directory: String, pausingAfter entries: Int, _ pause: () -> Void
    ) throws(LogError) -> Int {
        try KeyTables.sections(of: directory) { (tables, t) throws(LogError) in
            do throws(LMDBError) {
                return try t.withCursor(tables.slots) { (cursor: inout Cursor) throws(LMDBError) in
                    var count = 0
                    while try cursor.next() {
                        count += 1
                        if count == entries { pause() }
                    }
                    return count
                }
            } catch { throw .lmdb(error) }
        }
    }

    /// Changes whenever keys were destroyed or wrapped anew, in the file that is there now.
    public func version() throws(LogError) -> [UInt8] {
        try reading { (tables, t, _) throws(LMDBError) in try tables.version(t) }
    }
}
