import Ciphers
import LMDB
import Synchronization
import Wire

/// Asks a log for the slot that it knows to be a stream's.
public typealias KnownSlot = @Sendable (StreamToken) throws(LogError) -> KeySlot?

extension KeyStore {
    /// Says which slots the log names: those above are free. To be called once, after opening and before use.
    ///
    /// - Throws: `lmdb`.
    public func setUsed(through used: KeySlot) throws(LogError) {
        let next = KeySlot(max(used.value + 1, KeySlot.firstFree.value))
        let last = state.withLock { $0.allocated }
        var jointsAhead: Set<KeySlot> = []
        if next <= last {
            jointsAhead = try reading { (tables, t, _) throws(LMDBError) in
                var found: Set<KeySlot> = []
                for value in next.value...last.value {
                    let entry = try t.copy(tables.slots, value)
                    if let kind = entry?.first, kind != KeyEntry.Kind.plain { found.insert(KeySlot(value)) }
                }
                return found
            }
        }
        state.withLock {
            $0.next = next
            $0.jointsAhead = jointsAhead
        }
    }

    /// The slot of a stream: the one the log knows, else the one reserved for it before, else a fresh one. One whose key
    /// was destroyed does not count.
    ///
    /// - Parameter known: asks the log. It is called with the store's lock held: two callers who both find
    ///   the log not to know a stream get the same slot, and one who asks just after the log learnt gets the
    ///   log's. Where it throws nothing is given out: a stream with two keys would keep one of them in an erasure.
    /// - Throws: what `known` throws; `lmdb`, `full`, `stopped`, `readOnly`.
    public func reserve(
        for stream: StreamToken, known: KnownSlot = { _ in nil }
    ) throws(LogError) -> KeySlot {
        precondition(!stream.isNone, "no stream has no slot")
        while true {
            let slot = try state.withLock { (state) throws(LogError) -> KeySlot? in
                // After an erasure the log goes on naming the slot that was the stream's: its next record gets a key anew.
                var found = state.reserved[stream]
                if found == nil { found = try known(stream) }
                if let slot = found, !state.destroyed.contains(slot) {
                    return slot
                }
                guard let slot = state.take() else { return nil }
                state.reserved[stream] = slot
                return slot
            }
            if let slot { return slot }
            try allocate()
        }
    }

    /// A slot of no stream: a quarantined message's, say.
    ///
    /// - Throws: as `reserve`.
    public func reserve() throws(LogError) -> KeySlot {
        while true {
            if let slot = state.withLock({ $0.take() }) { return slot }
            try allocate()
        }
    }

    /// Forgets the reservations that appended records told the log of, so that their memory is bounded by what is in flight.
    public func settle(_ appended: some Sequence<RecordHeader>) {
        state.withLock { state in
            for header in appended {
                if let slot = header.streamSlot, state.reserved[header.stream] == slot {
                    state.reserved[header.stream] = nil
                }
            }
        }
    }

    /// Streams with a reservation that the log does not know yet, whose keys one of the given joint keys dies with. A log that
    /// names the joint and not them would not know, after the next start, whose keys it dies with.
    ///
    /// - Throws: `lmdb`; `key` where one does not read.
    public func unnamed(under joints: Set<KeySlot>) throws(LogError) -> [(stream: StreamToken, slot: KeySlot)]
    {
        let reserved = state.withLock { $0.reserved }
        if reserved.isEmpty || joints.isEmpty { return [] }
        let (members, damage) = try reading { (tables, t, _) throws(LMDBError) in
            var found: Set<KeySlot> = []
            var open = Array(joints)
            while let joint = open.popLast() {
                guard let bytes = try t.copy(tables.slots, joint.value) else { continue }
                do throws(LogError) {
                    guard case .joint(let members, _) = try KeyEntry.whole(bytes, joint) else { continue }
                    for member in members where found.insert(member).inserted { open.append(member) }
                } catch { return (found, LogError?.some(error)) }
            }
            return (found, nil)
        }
        if let damage { throw damage }
        return reserved.filter { members.contains($0.value) }.map { ($0.key, $0.value) }
            .sorted { $0.slot < $1.slot }
    }

    /// How many reservations the log does not know yet.
    public var reservations: Int { state.withLock { $0.reserved.count } }

    /// The slot of the key that dies with any of the given slots' keys: the same for the same set. Durable
    /// when this returns.
    ///
    /// - Throws: `destroyed` where a member is; `lmdb`, `full`,
    ///   `stopped`, `readOnly`.
    public func joint(of given: [KeySlot]) throws(LogError) -> KeySlot {
        let members = Set(given).sorted()
        guard let first = members.first, first != .none, first != .index else {
            throw .invalid(what: "a joint key of no keys")
        }
        if members.count == 1 { return first }
        if members.count > KeyLimits.jointMembers {
            // A joint key of joint keys: it dies with any of theirs, and so with any of the members.
            var joints: [KeySlot] = []
            for start in stride(from: 0, to: members.count, by: KeyLimits.jointMembers) {
                let end = min(start + KeyLimits.jointMembers, members.count)
                joints.append(try joint(of: Array(members[start..<end])))
            }
            return try joint(of: joints)
        }
        let name = Self.name(ofJoint: members)
        if let slot = try findJoint(name) { return slot }
        return try makeJoint(name, members: members)
    }

    static func name(ofJoint members: [KeySlot]) -> [UInt8] {
        var out = ByteWriter(capacity: 8 * members.count)
        for member in members { out.u64(member.value) }
        return SHA256.hash(out.bytes).bytes
    }

    private func findJoint(_ name: [UInt8]) throws(LogError) -> KeySlot? {
        let found = try reading { (tables, t, _) throws(LMDBError) in try t.copy(tables.joints, name) }
        guard let found else { return nil }
        do { return try Self.slot(found) } catch { throw .damaged(what: "a joint key's entry: \(error)") }
    }

    private func makeJoint(_ name: [UInt8], members: [KeySlot]) throws(LogError) -> KeySlot {
        while true {
            let made = try allocation.withLock { (_) throws(LogError) -> KeySlot? in
                // Another caller may have made it while this one waited.
                if let slot = try findJoint(name) { return slot }
                // Looked at here, where no erasure is under way: a joint key must not be made of one that is gone.
                let keys = try members.map { (member) throws(LogError) in try key(member) }
                guard let slot = state.withLock({ $0.take() }) else { return nil }
                let master = current.withLock { $0.master }
                let entry = try LogError.sealing { () throws(CipherError) in
                    try KeyEntry.joint(
                        try SecretKey.random(), slot: slot, members: members, keys: keys, master: master)
                }
                var value = ByteWriter(capacity: 8)
                value.u64(slot.value)
                let bytes = value.bytes
                try writing { (tables, t) throws(LMDBError) in
                    try t.put(tables.slots, slot.value, entry)
                    try t.put(tables.joints, name, bytes)
                }
                return slot
            }
            if let made { return made }
            try allocate()
        }
    }
}
