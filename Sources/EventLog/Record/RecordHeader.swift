import Wire

/// The clear header of a record, 216 bytes, big-endian. FORMAT.md tables it.
///
/// The RFC 6962 leaf of a record is SHA-256(0x00 ‖ header): the header names the hashes of the sealed parts, so
/// it stands for the whole record.
public struct RecordHeader: Hashable, Sendable {
    public static let byteCount = 216
    /// The format written, and the only one read.
    public static let version: UInt8 = 1

    public var recordClass: RecordClass
    public var flags: RecordFlags
    /// 0-based place in the batch.
    public var batchIndex: UInt32
    /// Records of the batch, at least 1.
    public var batchCount: UInt32
    /// Bytes of sealed part A.
    public var lengthA: UInt32
    /// Bytes of sealed part B.
    public var lengthB: UInt32
    public var position: Position
    public var recordedAt: Instant
    public var slotA: KeySlot
    public var slotB: KeySlot
    public var stream: StreamToken
    /// Nil unless `flags` has `hasMessageKey`.
    public var message: MessageKey?
    /// SHA-256 of sealed part A; zero where there is none.
    public var hashA: Digest
    public var hashB: Digest
    /// The root over the salted item hashes; zero where there are no items.
    public var commitment: Digest

    /// The record's size: header and both parts.
    public var recordBytes: Int { Self.byteCount + Int(lengthA) + Int(lengthB) }
    /// The slot that the record says is its stream's own; nil where it tells none. FORMAT.md says how it is told.
    public var streamSlot: KeySlot? {
        if stream.isNone { return nil }
        if slotA >= .firstFree, !flags.contains(.foreignSlotA) { return slotA }
        if slotB >= .firstFree, !flags.contains(.foreignSlotB) { return slotB }
        return nil
    }

    /// The batch's first position.
    public var batchStart: Position { Position(position.value &- UInt64(batchIndex)) }
    /// The batch's last position.
    public var batchEnd: Position { Position(batchStart.value &+ UInt64(batchCount) &- 1) }

    public init(
        recordClass: RecordClass, flags: RecordFlags = [], batchIndex: UInt32 = 0, batchCount: UInt32 = 1,
        lengthA: UInt32, lengthB: UInt32 = 0, position: Position = .start,
        recordedAt: Instant = Instant(microseconds: 0), slotA: KeySlot, slotB: KeySlot = .none,
        stream: StreamToken = .none, message: MessageKey? = nil, hashA: Digest, hashB: Digest = .zero,
        commitment: Digest = .zero
    ) {
        self.recordClass = recordClass
        self.flags = message == nil ? flags.subtracting(.hasMessageKey) : flags.union(.hasMessageKey)
        (self.batchIndex, self.batchCount) = (batchIndex, batchCount)
        (self.lengthA, self.lengthB) = (lengthA, lengthB)
        (self.position, self.recordedAt) = (position, recordedAt)
        (self.slotA, self.slotB) = (slotA, slotB)
        (self.stream, self.message) = (stream, message)
        (self.hashA, self.hashB, self.commitment) = (hashA, hashB, commitment)
    }

    /// The byte offsets of the fields, as FORMAT.md tables them.
    enum Offset {
        static let version = 0
        static let recordClass = 1
        static let flags = 2
        static let batchIndex = 4
        static let batchCount = 8
        static let lengthA = 12
        static let lengthB = 16
        static let zero = 20
        static let position = 24
        static let recordedAt = 32
        static let slotA = 40
        static let slotB = 48
        static let stream = 56
        static let messageOrder = 72
        static let messageID = 80
        static let messageDigest = 96
        static let hashA = 112
        static let hashB = 144
        static let commitment = 176
        static let zero2 = 208
        static let crc = 212
    }
}
