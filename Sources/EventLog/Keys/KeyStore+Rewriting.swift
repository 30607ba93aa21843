import Ciphers
import LMDB
import Synchronization
import Wire

/// Erasure and rotation: the file of keys is written anew, takes the old one's place, and the old one is overwritten.
///
/// Not by `mdb_env_copy2`: its compacting copy takes pages whole, and nothing says that the unused room in them is clean.
/// A file written in key order from its entries holds those and nothing else.
extension KeyStore {
    /// Destroys keys, and every joint key that dies with one of them. When this returns they are in no file of the
    /// store and in no cache. Destroying again only wipes what a call that failed left.
    ///
    /// - Throws: `invalid` for slots that hold no stream's key; `key` where an entry does not read: nothing changed then; `lmdb`, `system`,
    ///   `full`, `stopped`, `readOnly`.
    public func destroy(_ doomed: Set<KeySlot>) throws(LogError) {
        guard doomed.allSatisfy({ $0 >= KeySlot.firstFree }) else {
            throw .invalid(what: "the store's own keys cannot be destroyed")
        }
        try allocation.withLock { (_) throws(LogError) in
            let known = state.withLock { $0.destroyed }
            let all = known.union(doomed)
            if all == known {
                try insistOnWriting()
                // The file that had them may lie there still: their list changes when it is replaced, before it is overwritten.
                _ = try KeyFolder(directory).finish()
                return
            }
            var dead = all
            try replace(master: nil) { (slot, bytes) throws(LogError) in
                if dead.contains(slot) { return [KeyEntry.Kind.destroyed] }
                // Members are below their joint, so that one pass in slot order finds all.
                guard case .joint(let members, _) = try KeyEntry.whole(bytes, slot),
                    members.contains(where: dead.contains)
                else { return bytes }
                dead.insert(slot)
                return [KeyEntry.Kind.destroyed]
            } dead: {
                (all, dead)
            }
        }
    }

    /// Reads every entry that `destroy` would, before keys are ordered to be destroyed.
    ///
    /// - Throws: `key`, `damaged` where one does not read; `lmdb`.
    public func insistDestroyable(_ doomed: Set<KeySlot>) throws(LogError) {
        try allocation.withLock { (_) throws(LogError) in
            let tables = current.withLock { $0.tables }
            try tables.eachBatch(of: tables.slots) { (entries) throws(LogError) in
                for (key, value) in entries {
                    let slot = try Self.slot(ofEntry: key)
                    if !doomed.contains(slot) { _ = try KeyEntry.whole(value, slot) }
                }
            }
            try tables.eachBatch(of: tables.joints) { (entries) throws(LogError) in
                for entry in entries { _ = try Self.slot(ofJoint: entry) }
            }
        }
    }

    private static func slot(ofEntry key: [UInt8]) throws(LogError) -> KeySlot {
        do { return try slot(key) } catch {
            throw .damaged(
                what:
                    "an entry of the key slots stands under what is no slot (\(Hex.encode(key.prefix(16)))): "
                    + "run `daybook log verify`, and restore the store from a backup")
        }
    }

    private static func slot(ofJoint entry: (key: [UInt8], value: [UInt8])) throws(LogError) -> KeySlot {
        do { return try slot(entry.value) } catch {
            throw .damaged(
                what:
                    "the slot of the joint key named \(Hex.encode(entry.key.prefix(8)))… does not read (\(error)): "
                    + "run `daybook log verify`, and restore the store from a backup")
        }
    }

    /// Wraps every key under another master key. The log is not touched; the old master key opens nothing afterwards.
    ///
    /// - Throws: `key` where an entry does not open: nothing changed then; `lmdb`, `system`, `full`, `stopped`, `readOnly`.
    public func rotate(to fresh: SecretKey) throws(LogError) {
        try allocation.withLock { (_) throws(LogError) in
            let destroyed = state.withLock { $0.destroyed }
            let old = current.withLock { $0.master }
            try replace(master: fresh) { (slot, bytes) throws(LogError) in
                try rewrapped(bytes, slot, from: old, to: fresh)
            } dead: {
                (destroyed, destroyed)
            }
        }
    }

    private func rewrapped(
        _ bytes: [UInt8], _ slot: KeySlot, from old: SecretKey, to fresh: SecretKey
    ) throws(LogError) -> [UInt8] {
        let entry = try KeyEntry.whole(bytes, slot)
        do {
            switch entry {
            case .destroyed: return bytes
            case .plain(let wrapped):
                return try KeyEntry.plain(
                    try KeyEntry.unwrap(wrapped, slot: slot, keys: [old]), slot: slot, master: fresh)
            case .joint(let members, let wrapped):
                let keys = try members.map { try key($0) }
                return try KeyEntry.joint(
                    try KeyEntry.unwrap(wrapped, slot: slot, keys: [old] + keys), slot: slot,
                    members: members,
                    keys: keys, master: fresh)
            }
        } catch let error as LogError { throw error } catch {
            throw .key(slot: slot, what: "the key does not open: \(error)")
        }
    }

    // MARK: An erasure under way

    /// What the owner of the store noted before it ordered an erasure; nil once that is over.
    public func erasureUnderWay() throws(LogError) -> [UInt8]? {
        try reading { (tables, t, _) throws(LMDBError) in try t.copy(tables.meta, MetaKey.underWay) }
    }

    /// Notes an erasure before it is ordered, or that it is over: durable when this returns.
    public func setErasureUnderWay(_ note: [UInt8]?) throws(LogError) {
        try allocation.withLock { (_) throws(LogError) in
            try writing { (tables, t) throws(LMDBError) in
                if let note {
                    try t.put(tables.meta, MetaKey.underWay, note)
                } else {
                    try t.delete(tables.meta, MetaKey.underWay)
                }
            }
        }
    }

    /// Whether the slot's own key was destroyed.
    public func isDestroyed(_ slot: KeySlot) -> Bool { state.withLock { $0.destroyed.contains(slot) } }

    /// A slot's entry as it lies in the file: to look for it after an erasure.
    @_spi(Torture) public func storedEntry(_ slot: KeySlot) throws(LogError) -> [UInt8]? {
        try reading { (tables, t, _) throws(LMDBError) in try t.copy(tables.slots, slot.value) }
    }

    // MARK: The new file

    /// Writes the new file, swaps it in, overwrites the old one. The caller holds `allocation`.
    ///
    /// - Parameters:
    ///   - entry: the new entry of a slot, asked in slot order.
    ///   - dead: once all entries were asked for, the slots destroyed, and with them the joints that died.
    private func replace(
        master: SecretKey?, _ entry: (KeySlot, [UInt8]) throws(LogError) -> [UInt8],
        dead: () -> (destroyed: Set<KeySlot>, withJoints: Set<KeySlot>)
    ) throws(LogError) {
        try insistOnWriting()
        let folder = KeyFolder(directory)
        try folder.prepare()
        let now = current.withLock { $0 }
        let next = try KeyTables(folder.next, mapBytes: mapBytes, readOnly: false, durability: .none)
        do throws(LogError) {
            defer { next.environment.close() }
            try copySlots(now.tables, to: next, entry)
            let dead = dead()
            try copyRest(now.tables, to: next, master: master, dead.destroyed, joints: dead.withJoints)
            try LogError.keys { () throws(LMDBError) in try next.environment.sync() }
        } catch {
            try? folder.finish()
            throw error
        }
        try reached(.copied)
        try swap(folder, master: master ?? now.master, dead())
        let wait = state.withLock { $0.wait }
        if try !folder.finish(wait: wait) { state.withLock { $0.hurried += 1 } }
        try reached(.wiped)
    }

    private func copySlots(
        _ tables: KeyTables, to next: KeyTables, _ entry: (KeySlot, [UInt8]) throws(LogError) -> [UInt8]
    ) throws(LogError) {
        try tables.eachBatch(of: tables.slots) { (entries) throws(LogError) in
            var fresh: [(key: [UInt8], value: [UInt8])] = []
            fresh.reserveCapacity(entries.count)
            for (key, value) in entries {
                fresh.append((key, try entry(try Self.slot(ofEntry: key), value)))
            }
            try next.append(fresh, to: next.slots)
        }
    }

    private func copyRest(
        _ tables: KeyTables, to next: KeyTables, master: SecretKey?, _ destroyed: Set<KeySlot>,
        joints dead: Set<KeySlot>
    ) throws(LogError) {
        try tables.eachBatch(of: tables.joints) { (entries) throws(LogError) in
            var living: [(key: [UInt8], value: [UInt8])] = []
            for entry in entries where !dead.contains(try Self.slot(ofJoint: entry)) { living.append(entry) }
            try next.append(living, to: next.joints)
        }
        var list = ByteWriter(capacity: 8 * destroyed.count)
        for slot in destroyed.sorted() { list.u64(slot.value) }
        let check = try master.map { (key) throws(LogError) in try Self.checkEntry(key) }
        try tables.eachBatch(of: tables.meta) { (entries) throws(LogError) in
            var fresh = entries.filter { $0.key != MetaKey.destroyed }
            for index in fresh.indices where fresh[index].key == MetaKey.check {
                fresh[index].value = check ?? fresh[index].value
            }
            fresh.append((MetaKey.destroyed, list.bytes))
            try next.append(fresh.sorted { $0.key.lexicographicallyPrecedes($1.key) }, to: next.meta)
        }
    }

    /// The moment: readers wait for it, and go on with the new file.
    ///
    /// Where it fails after the rename, the new file is the one that is read, and a power cut may bring back the old one: what is served
    /// is as the new one says, and nothing more is written until a start has finished it.
    private func swap(
        _ folder: KeyFolder, master: SecretKey, _ dead: (destroyed: Set<KeySlot>, withJoints: Set<KeySlot>)
    ) throws(LogError) {
        var failure: LogError?
        let isReplaced = current.withLock { current in
            current.tables.environment.closeAndWait()
            do throws(LogError) {
                // Nobody opens one of the files before and the other after.
                let alone = try PathLock(directory, .exclusive)
                defer { withExtendedLifetime(alone) {} }
                try folder.swap { (step) throws(LogError) in try reached(step) }
            } catch { failure = error }
            let isReplaced = failure == nil || folder.isReplaced
            if isReplaced { current.master = master }
            if let failure, isReplaced { stop("replacing the key store's file failed half-way: \(failure)") }
            do throws(LogError) {
                current.tables = try KeyTables(directory, mapBytes: mapBytes, readOnly: false)
            } catch {
                stop("the key store could not be opened again: \(error)")
                failure = failure ?? error
            }
            return isReplaced
        }
        if isReplaced {
            state.withLock { state in
                state.destroyed = dead.destroyed
                state.reserved = state.reserved.filter { !dead.destroyed.contains($0.value) }
            }
            cache.forget(dead.withJoints)
        }
        if let failure { throw failure }
    }

    private func stop(_ reason: String) { state.withLock { $0.stopped = $0.stopped ?? reason } }
}

extension KeyTables {
    /// Appends entries in key order, above all that are there.
    fileprivate func append(
        _ entries: [(key: [UInt8], value: [UInt8])], to database: Database
    ) throws(LogError) {
        do throws(LMDBError) {
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                for entry in entries { try t.put(database, entry.key, entry.value, .append) }
            }
        } catch {
            if error.isMapFull {
                let info = try? environment.info
                throw .full(usedBytes: info?.usedBytes ?? 0, mapBytes: info?.mapBytes ?? 0)
            }
            throw .lmdb(error)
        }
    }
}
