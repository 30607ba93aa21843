import Ciphers
import Synchronization
import Wire

/// What one record is made ready in: its payload, its packed parts, the leaves of its commitment.
struct SealingRoom {
    /// Room larger than this is not kept: one great message must not hold memory for good.
    static let keptBytes = 1 << 20

    private(set) var salt = [UInt8](repeating: 0, count: BodyLimits.saltBytes)
    var payload = ByteWriter()
    var a = PackedPart()
    var b = PackedPart()
    /// Part A's, then part B's.
    var leaves: [Digest] = []

    mutating func renewSalt() throws(LogError) {
        let filled = salt.withUnsafeMutableBytes { out in
            Result { () throws(CipherError) in try SecureRandom.fill(out) }
        }
        try LogError.sealing { () throws(CipherError) in try filled.get() }
    }

    var isWorthKeeping: Bool {
        payload.bytes.capacity <= Self.keptBytes && a.bytes.count <= Self.keptBytes
            && b.bytes.count <= Self.keptBytes && leaves.capacity * Digest.byteCount <= Self.keptBytes
    }
}

/// A part packed on its way under its seal.
struct PackedPart {
    /// The first `count` of them are the part.
    private(set) var bytes: [UInt8] = []
    private(set) var count = 0
    private var context = SealedPart.contextStart

    mutating func pack(
        _ payload: [UInt8], _ recordClass: RecordClass, _ part: RecordPart, _ slot: KeySlot
    ) throws(LogError) {
        count = try SealedPart.pack(payload, into: &bytes)
        SealedPart.setContext(&context, recordClass, part, slot)
    }

    /// Seals into the room that it takes, from `start` on; returns the sealed bytes' hash.
    func seal(_ key: SecretKey, into framed: inout [UInt8], at start: Int) throws(CipherError) -> Digest {
        let sealed = framed.withUnsafeMutableBytes { framed in
            let out = UnsafeMutableRawBufferPointer(rebasing: framed[start..<start + count + AESGCM.overhead])
            return Result { () throws(CipherError) -> Digest in
                try AESGCM.seal(
                    bytes.span.bytes.extracting(0..<count), key: key, authenticating: context.span.bytes,
                    into: out)
                return SHA256.hash(UnsafeRawBufferPointer(out))
            }
        }
        return try sealed.get()
    }
}

/// A room that is kept between records. Who seals borrows what is in it once, and whole: as long as it is lent nothing is counted or
/// checked for each of its parts.
///
/// `@unchecked Sendable` because whoever took it from `SealingRooms` is the only one to touch it until it is given back.
final class KeptRoom: @unchecked Sendable {
    var room = SealingRoom()
}

/// The rooms that are free: as many as records were ever sealed at once, at most `kept`.
final class SealingRooms: Sendable {
    private static let kept = 16

    private let free = Mutex<[KeptRoom]>([])

    func take() -> KeptRoom { free.withLock { $0.popLast() } ?? KeptRoom() }

    func give(_ kept: KeptRoom) {
        guard kept.room.isWorthKeeping else { return }
        free.withLock { if $0.count < Self.kept { $0.append(kept) } }
    }
}
