import Ciphers
import Wire

/// Makes records ready for the queue: encodes, commits to, compresses, seals and hashes bodies.
///
/// All of a record's costly work, done by callers in parallel before the log's one writer. Safe to share
/// between threads. What it works in is used again, so that sealing a record allocates the record alone.
public struct RecordSealer: Sendable {
    private let keys: KeyStore
    private let rooms = SealingRooms()

    public init(keys: KeyStore) { self.keys = keys }

    /// - Parameters:
    ///   - bodyA: nil where the record has no part A; `slotA` is then `.none`.
    ///   - message: only on the first record of a proposal.
    /// - Throws: `tooLarge` and `invalid` for bodies past a limit; `destroyed`, `key` and `lmdb` from the
    ///   key store.
    public func seal(
        _ recordClass: RecordClass, flags: RecordFlags = [], stream: StreamToken = .none,
        slotA: KeySlot = .none, bodyA: [BodyItem]? = nil, slotB: KeySlot = .none, bodyB: [BodyItem]? = nil,
        message: MessageKey? = nil
    ) throws(LogError) -> SealedRecord {
        let kept = rooms.take()
        defer { rooms.give(kept) }
        return try seal(
            recordClass, flags, stream, slotA, bodyA, slotB, bodyB, message, in: &kept.room)
    }

    private func seal(
        _ recordClass: RecordClass, _ flags: RecordFlags, _ stream: StreamToken, _ slotA: KeySlot,
        _ bodyA: [BodyItem]?, _ slotB: KeySlot, _ bodyB: [BodyItem]?, _ message: MessageKey?,
        in room: inout SealingRoom
    ) throws(LogError) -> SealedRecord {
        room.leaves.removeAll(keepingCapacity: true)
        let keyA = try pack(bodyA, recordClass, .a, slotA, in: &room)
        let keyB = try pack(bodyB, recordClass, .b, slotB, in: &room)
        let lengthA = keyA == nil ? 0 : room.a.count + AESGCM.overhead
        let lengthB = keyB == nil ? 0 : room.b.count + AESGCM.overhead
        let total = RecordHeader.byteCount + lengthA + lengthB
        guard total <= LogLimits.recordBytes else {
            throw .tooLarge(what: "bytes of a record", bytes: total, limit: LogLimits.recordBytes)
        }
        var hashA = Digest.zero
        var hashB = Digest.zero
        // Sealed in place: the one buffer that the writer will copy from, written once.
        var framed = [UInt8](repeating: 0, count: total)
        do throws(CipherError) {
            if let keyA { hashA = try room.a.seal(keyA, into: &framed, at: RecordHeader.byteCount) }
            if let keyB { hashB = try room.b.seal(keyB, into: &framed, at: RecordHeader.byteCount + lengthA) }
        } catch {
            throw .stopped(reason: "sealing failed: \(error)")
        }
        return try SealedRecord(
            recordClass: recordClass, flags: flags, stream: stream, slotA: slotA, slotB: slotB,
            message: message, framed: consume framed, lengthA: lengthA, hashA: hashA, hashB: hashB,
            commitment: Commitment.root(room.leaves))
    }

    /// Packs a part and commits to it.
    ///
    /// - Returns: the key to seal it under; nil where the record has no such part.
    private func pack(
        _ items: [BodyItem]?, _ recordClass: RecordClass, _ part: RecordPart, _ slot: KeySlot,
        in room: inout SealingRoom
    ) throws(LogError) -> SecretKey? {
        guard let items else {
            guard slot == .none else { throw .invalid(what: "part \(part) has a key slot, but no body") }
            return nil
        }
        guard slot != .none, slot != .index else {
            throw .invalid(what: "part \(part) has a body, but no key slot to seal it under")
        }
        let key = try keys.key(slot)
        try room.renewSalt()
        try Body.encode(items, salt: room.salt, into: &room.payload)
        do { try Commitment.appendLeaves(of: items, salt: room.salt, to: &room.leaves) } catch {
            throw .invalid(what: "part \(part): \(error)")
        }
        switch part {
        case .a: try room.a.pack(room.payload.bytes, recordClass, part, slot)
        case .b: try room.b.pack(room.payload.bytes, recordClass, part, slot)
        }
        return key
    }
}
