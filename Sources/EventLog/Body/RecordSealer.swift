import Ciphers
import Wire

/// Makes records ready for the queue: encodes, commits to, compresses, seals and hashes bodies.
///
/// All of a record's costly work, done by callers in parallel before the log's one writer. Safe to share
/// between threads: working memory is per thread.
public struct RecordSealer: Sendable {
    private let keys: KeyStore

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
        let a = try packed(bodyA, recordClass, .a, slotA)
        let b = try packed(bodyB, recordClass, .b, slotB)
        let lengthA = a.map { $0.plaintext.count + AESGCM.overhead } ?? 0
        let lengthB = b.map { $0.plaintext.count + AESGCM.overhead } ?? 0
        let total = RecordHeader.byteCount + lengthA + lengthB
        guard total <= LogLimits.recordBytes else {
            throw .tooLarge(what: "bytes of a record", bytes: total, limit: LogLimits.recordBytes)
        }
        var hashA = Digest.zero
        var hashB = Digest.zero
        var failure: CipherError?
        // Sealed in place: the one buffer that the writer will copy from, written once.
        let framed = [UInt8](unsafeUninitializedCapacity: total) { out, filled in
            let raw = UnsafeMutableRawBufferPointer(start: out.baseAddress, count: total)
            UnsafeMutableRawBufferPointer(rebasing: raw.prefix(RecordHeader.byteCount))
                .initializeMemory(as: UInt8.self, repeating: 0)
            let room = raw[RecordHeader.byteCount...]
            do throws(CipherError) {
                if let a { hashA = try a.seal(into: .init(rebasing: room.prefix(lengthA))) }
                if let b { hashB = try b.seal(into: .init(rebasing: room.dropFirst(lengthA))) }
                filled = total
            } catch {
                failure = error
            }
        }
        if let failure { throw .stopped(reason: "sealing failed: \(failure)") }
        return try SealedRecord(
            recordClass: recordClass, flags: flags, stream: stream, slotA: slotA, slotB: slotB,
            message: message, framed: framed, lengthA: lengthA, hashA: hashA, hashB: hashB,
            commitment: Commitment.root((a?.leaves ?? []) + (b?.leaves ?? [])))
    }

    private func packed(
        _ items: [BodyItem]?, _ recordClass: RecordClass, _ part: RecordPart, _ slot: KeySlot
    ) throws(LogError) -> PackedPart? {
        guard let items else {
            guard slot == .none else { throw .invalid(what: "part \(part) has a key slot, but no body") }
            return nil
        }
        guard slot != .none, slot != .index else {
            throw .invalid(what: "part \(part) has a body, but no key slot to seal it under")
        }
        let key = try keys.key(slot)
        let salt = try LogError.sealing { () throws(CipherError) in try SecureRandom.salt() }
        let payload = try Body.encode(items, salt: salt)
        let leaves: [Digest]
        do { leaves = try Commitment.leaves(of: items, salt: salt) } catch {
            throw .invalid(what: "part \(part): \(error)")
        }
        return PackedPart(
            plaintext: try SealedPart.pack(payload), leaves: leaves, key: key,
            context: SealedPart.context(recordClass, part, slot))
    }
}

/// A part packed and committed to, on its way under its seal.
private struct PackedPart {
    var plaintext: [UInt8]
    var leaves: [Digest]
    var key: SecretKey
    var context: [UInt8]

    /// Seals into exactly the room it takes; returns the sealed bytes' hash.
    func seal(into room: UnsafeMutableRawBufferPointer) throws(CipherError) -> Digest {
        try AESGCM.seal(plaintext.span.bytes, key: key, authenticating: context.span.bytes, into: room)
        return SHA256.hash(UnsafeRawBufferPointer(room))
    }
}
