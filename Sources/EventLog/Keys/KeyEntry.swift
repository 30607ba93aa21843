import Ciphers
import Wire

/// What the key store keeps for a slot. FORMAT.md tables the bytes.
///
/// Kind 1, plain: the key wrapped under the master key. Kind 2, joint: the slots it dies with, and the key
/// wrapped under the master key and then under each of those slots' keys in turn. Kind 3: the key was
/// destroyed.
enum KeyEntry {
    enum Kind {
        static let plain: UInt8 = 1
        static let joint: UInt8 = 2
        static let destroyed: UInt8 = 3
    }

    case plain(wrapped: ArraySlice<UInt8>)
    case joint(members: [KeySlot], wrapped: ArraySlice<UInt8>)
    case destroyed

    init(_ bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        switch try reader.u8() {
        case Kind.plain: self = .plain(wrapped: try reader.raw(reader.remaining))
        case Kind.joint:
            let count = Int(try reader.u8())
            guard (2...KeyLimits.jointMembers).contains(count) else {
                throw WireError(.invalid, at: 1, what: "a joint key of \(count) members")
            }
            var members: [KeySlot] = []
            for _ in 0..<count { members.append(KeySlot(try reader.u64())) }
            self = .joint(members: members, wrapped: try reader.raw(reader.remaining))
        case Kind.destroyed: self = .destroyed
        case let kind: throw WireError(.invalid, at: 0, what: "unknown kind of key \(kind)")
        }
    }

    /// The entry of a slot, for a new file of keys: one that does not read stops that, since nobody can say which keys it dies with.
    ///
    /// - Throws: `key`, which says what to do.
    static func whole(_ bytes: [UInt8], _ slot: KeySlot) throws(LogError) -> KeyEntry {
        do {
            let entry = try KeyEntry(bytes[...])
            if case .destroyed = entry, bytes.count != 1 {
                throw WireError(.invalid, at: 1, what: "a destroyed key of \(bytes.count) bytes")
            }
            return entry
        } catch {
            throw .key(
                slot: slot,
                what:
                    "the key's entry does not read (\(error)), and which keys it dies with cannot be told. Nothing was changed: "
                    + "run `daybook log verify` for all that is wrong, and restore the store from a backup")
        }
    }

    /// What a wrapping authenticates: the slot it is for, and the layer (0 the master key's, then the
    /// members').
    static func context(_ slot: KeySlot, layer: Int) -> [UInt8] {
        var out = ByteWriter(capacity: 22)
        out.raw("daybook.key.1".utf8)
        out.u64(slot.value)
        out.u8(UInt8(layer))
        return out.bytes
    }

    static func plain(_ key: SecretKey, slot: KeySlot, master: SecretKey) throws(CipherError) -> [UInt8] {
        [Kind.plain] + (try wrap(key, slot: slot, keys: [master]))
    }

    static func joint(
        _ key: SecretKey, slot: KeySlot, members: [KeySlot], keys: [SecretKey], master: SecretKey
    ) throws(CipherError) -> [UInt8] {
        var out = ByteWriter()
        out.u8(Kind.joint)
        out.u8(UInt8(members.count))
        for member in members { out.u64(member.value) }
        out.raw(try wrap(key, slot: slot, keys: [master] + keys))
        return out.bytes
    }

    private static func wrap(
        _ key: SecretKey, slot: KeySlot, keys: [SecretKey]
    ) throws(CipherError) -> [UInt8] {
        var wrapped = key.withUnsafeBytes { [UInt8]($0) }
        for (layer, outer) in keys.enumerated() {
            let sealed = try AESGCM.seal(wrapped, key: outer, authenticating: context(slot, layer: layer))
            SecretKey.wipe(&wrapped)
            wrapped = sealed
        }
        return wrapped
    }

    /// - Parameter keys: the master key, then the members' keys.
    static func unwrap(
        _ wrapped: ArraySlice<UInt8>, slot: KeySlot, keys: [SecretKey]
    ) throws(CipherError) -> SecretKey {
        var bytes = Array(wrapped)
        for (layer, outer) in keys.enumerated().reversed() {
            bytes = try AESGCM.open(bytes, key: outer, authenticating: context(slot, layer: layer))
        }
        defer { SecretKey.wipe(&bytes) }
        guard let key = SecretKey(bytes) else { throw .badLength(bytes.count) }
        return key
    }
}
