import Ciphers
import LMDB
import Synchronization
import Wire

/// The store's keys, each in a slot, wrapped by the master key: STORE/keys, the only truth that can be
/// deleted.
///
/// Keys are durable before a slot is given out, so the key commit always precedes the log commit that names
/// it. Which subject has which slot is told by the log, not here: after the next start slots are given out again
/// from above the highest that the log names, so that one below it which was given out and never logged is nobody's for good. Safe to
/// use from any thread.
public final class KeyStore: Sendable {
    struct State {
        /// The next slot to give out.
        var next = KeySlot.firstFree
        /// The last slot whose key is durable.
        var allocated = KeySlot.none
        /// Slots given out whose records the log does not know yet.
        var reserved: [StreamToken: KeySlot] = [:]
        /// Slots past `next` that hold joint keys made before a crash: never given out to a stream.
        var jointsAhead: Set<KeySlot> = []
        /// Slots whose keys an erasure destroyed: a stream that had one is given another.
        var destroyed: Set<KeySlot> = []
        var stopped: String?
        /// Milliseconds that an erasure waits for those who read the file it replaced.
        var wait = KeyFolder.usualWait
        /// Erasures that went on while somebody still did.
        var hurried = 0
    }

    /// The file that is read now, and the key that opens it: both change when the file is replaced.
    struct Current: Sendable {
        var tables: KeyTables
        var master: SecretKey
    }

    let directory: String
    let mapBytes: Int
    let current: Mutex<Current>
    let isReadOnly: Bool
    let state: Mutex<State>
    /// Held while keys are made: the state's lock is never held across a sync.
    let allocation = Mutex<Void>(())
    let cache = SharedKeyCache(capacity: KeyLimits.cachedKeys)
    let probe = Mutex<(@Sendable (ErasureStep) throws(LogError) -> Void)?>(nil)
    private let tokens: HMACSHA256

    enum MetaKey {
        static let format = Array("format".utf8)
        static let check = Array("check".utf8)
        static let allocated = Array("allocated".utf8)
        static let destroyed = Array("destroyed".utf8)
        static let underWay = Array("erasing".utf8)
        static let signing = Array("signing".utf8)
        static let all = [format, check, allocated, destroyed, underWay, signing]
    }
    static let formatVersion: UInt8 = 1

    /// Makes a key store in an existing, empty directory, with the region's and the index key in it.
    ///
    /// - Throws: `exists`, `lmdb`.
    public static func create(
        at directory: String, master: SecretKey, mapBytes: Int = KeyLimits.mapBytes
    ) throws(LogError) -> KeyStore {
        let opened = try KeyTables(directory, mapBytes: mapBytes, readOnly: false)
        let found = try LogError.keys { () throws(LMDBError) in
            try opened.environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LMDBError) in
                try t.copy(opened.meta, MetaKey.format)
            }
        }
        guard found == nil else { throw .exists(what: "the key store \(directory)") }
        let check = try checkEntry(master)
        let batch = try wrapBatch(from: KeySlot.region.value, master: master)
        try LogError.keys { () throws(LMDBError) in
            try opened.environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                try t.put(opened.meta, MetaKey.format, [formatVersion])
                try t.put(opened.meta, MetaKey.check, check)
                try batch.write(to: opened.slots, opened.meta, t)
            }
        }
        guard let own = try OwnEntries.read(opened) else {
            throw .stopped(reason: "the new file of keys was replaced")
        }
        return try KeyStore(opened, own, directory, mapBytes, master: master, readOnly: false)
    }

    /// What tells a right master key from a wrong one.
    static func checkEntry(_ master: SecretKey) throws(LogError) -> [UInt8] {
        try LogError.sealing { () throws(CipherError) in
            try AESGCM.seal([], key: master, authenticating: checkContext)
        }
    }

    /// Opens a key store. As a writer, first finishes a replacement of its file that was cut short.
    ///
    /// Call `setUsed(through:)` with the highest slot that the log names before any slot is reserved.
    ///
    /// - Throws: `notFound`, `damaged`; `key` where the master key is not the one the store was made with.
    public convenience init(
        at directory: String, master: SecretKey, readOnly: Bool = false, mapBytes: Int = KeyLimits.mapBytes
    ) throws(LogError) {
        if !readOnly { try KeyFolder(directory).recover() }
        let (opened, own) = try Self.open(directory, mapBytes, readOnly: readOnly)
        try self.init(opened, own, directory, mapBytes, master: master, readOnly: readOnly)
    }

    private static let checkContext = Array("daybook.keycheck.1".utf8)

    /// Whether that entry says that the master key is the right one.
    static func isCheck(_ entry: [UInt8], _ master: SecretKey) -> Bool {
        (try? AESGCM.open(entry, key: master, authenticating: checkContext)) != nil
    }

    private init(
        _ opened: KeyTables, _ own: OwnEntries, _ directory: String, _ mapBytes: Int, master: SecretKey,
        readOnly: Bool
    ) throws(LogError) {
        guard Self.isCheck(own.check, master) else {
            throw .key(slot: .none, what: "the master key is not the one that the store was made with")
        }
        (self.directory, self.mapBytes, isReadOnly) = (directory, mapBytes, readOnly)
        current = Mutex(Current(tables: opened, master: master))
        state = Mutex(State(allocated: own.allocated, destroyed: own.destroyed))
        guard case .plain(let wrapped) = try? KeyEntry(own.index[...]),
            let key = try? KeyEntry.unwrap(wrapped, slot: .index, keys: [master])
        else { throw .key(slot: .index, what: "the index key does not open") }
        tokens = HMACSHA256(key: key)
        cache.insert(key, .index, readIn: cache.key(.index).generation)
    }

    static func slot(_ bytes: [UInt8]) throws(WireError) -> KeySlot {
        var reader = ByteReader(bytes)
        let slot = KeySlot(try reader.u64())
        try reader.end()
        return slot
    }

    static func slots(_ bytes: [UInt8]) throws(WireError) -> [KeySlot] {
        var reader = ByteReader(bytes)
        var out: [KeySlot] = []
        while reader.remaining > 0 { out.append(KeySlot(try reader.u64())) }
        return out
    }

    /// A keyed hash, 16 bytes: HMAC-SHA-256 under the index key over the kind and the bytes, cut off.
    public func token(_ kind: TokenKind, _ bytes: [UInt8]) -> StreamToken {
        let words = tokens.code([kind.rawValue] + bytes).words
        return StreamToken(high: words.0, low: words.1)
    }

    /// The key of a slot, from memory or unwrapped.
    ///
    /// - Throws: `destroyed` where it, or one that it dies with, was erased; `key` where it was never made
    ///   or does not open; `lmdb`.
    public func key(_ slot: KeySlot) throws(LogError) -> SecretKey {
        let (cached, generation) = cache.key(slot)
        if let cached { return cached }
        let key = try unwrap(slot)
        cache.insert(key, slot, readIn: generation)
        return key
    }

    private func unwrap(_ slot: KeySlot) throws(LogError) -> SecretKey {
        let (stored, master) = try reading { (tables, t, master) throws(LMDBError) in
            (try t.copy(tables.slots, slot.value), master)
        }
        guard let stored else { throw .key(slot: slot, what: "there is no such key") }
        let entry: KeyEntry
        do { entry = try KeyEntry(stored[...]) } catch {
            throw .key(slot: slot, what: "the key's entry is damaged: \(error)")
        }
        var keys = [master]
        let wrapped: ArraySlice<UInt8>
        switch entry {
        case .destroyed: throw .destroyed(slot: slot)
        case .plain(let bytes): wrapped = bytes
        case .joint(let members, let bytes):
            wrapped = bytes
            // Members are below their joint (checked when it is made), which also ends the recursion on
            // damage.
            for member in members {
                guard member < slot else { throw .key(slot: slot, what: "the key's entry is damaged") }
                keys.append(try key(member))
            }
        }
        do { return try KeyEntry.unwrap(wrapped, slot: slot, keys: keys) } catch {
            throw .key(slot: slot, what: "the key does not open: \(error)")
        }
    }

    /// Closes the environment; what is in memory goes with the object.
    public func close() { current.withLock { $0.tables.environment.close() } }
}
