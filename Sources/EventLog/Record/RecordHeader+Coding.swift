import Ciphers
import Wire

extension RecordHeader {
    /// Parses and checks a header: version, CRC, the zero fields, known flags, batch bounds and lengths.
    ///
    /// - Parameter bytes: at least 216; what follows is not looked at.
    /// - Throws: `LogError.corrupt` with the position the header claims to have, or 0 where even that is unread.
    public init(parsing bytes: UnsafeRawBufferPointer) throws(LogError) {
        self = try Self(parsing: bytes, at: nil)
    }

    /// As above; errors name `expected`, and a header of any other position is one.
    public init(parsing bytes: UnsafeRawBufferPointer, at expected: Position?) throws(LogError) {
        guard bytes.count >= Self.byteCount else {
            throw .corrupt(
                position: expected ?? .start, what: "a record of \(bytes.count) bytes has no header")
        }
        let header = Self(unchecked: bytes)
        let at = expected ?? header.position
        func require(_ holds: Bool, _ what: @autoclosure () -> String) throws(LogError) {
            if !holds { throw .corrupt(position: at, what: what()) }
        }
        try require(
            CRC32C.checksum(bytes, count: Offset.crc) == bytes.big(Offset.crc, as: UInt32.self),
            "the header's CRC-32C does not match")
        try require(bytes[Offset.version] == Self.version, "header version \(bytes[0]) is not known")
        try require(RecordFlags.known.isSuperset(of: header.flags), "unknown flags are set")
        try require(
            bytes.big(Offset.zero, as: UInt32.self) == 0 && bytes.big(Offset.zero2, as: UInt32.self) == 0,
            "a reserved field is not zero")
        try require(
            header.batchCount > 0 && header.batchIndex < header.batchCount
                && UInt64(header.batchIndex) < header.position.value
                && header.position.value <= UInt64(Int64.max),
            "the batch bounds are wrong")
        try require(header.recordBytes <= LogLimits.recordBytes, "the lengths are over the limit")
        try require((header.lengthA == 0) == (header.slotA == .none), "part A and its slot do not agree")
        try require((header.lengthB == 0) == (header.slotB == .none), "part B and its slot do not agree")
        try require(expected == nil || expected == header.position, "the header says \(header.position)")
        self = header
    }

    /// Reads the fields without a check. For headers that were checked before, or are about to be.
    init(unchecked b: UnsafeRawBufferPointer) {
        let flags = RecordFlags(rawValue: b.big(Offset.flags, as: UInt16.self))
        recordClass = RecordClass(rawValue: b[Offset.recordClass])
        self.flags = flags
        batchIndex = b.big(Offset.batchIndex, as: UInt32.self)
        batchCount = b.big(Offset.batchCount, as: UInt32.self)
        lengthA = b.big(Offset.lengthA, as: UInt32.self)
        lengthB = b.big(Offset.lengthB, as: UInt32.self)
        position = Position(b.big(Offset.position, as: UInt64.self))
        recordedAt = Instant(microseconds: b.big(Offset.recordedAt, as: Int64.self))
        slotA = KeySlot(b.big(Offset.slotA, as: UInt64.self))
        slotB = KeySlot(b.big(Offset.slotB, as: UInt64.self))
        stream = b.token(Offset.stream)
        message =
            flags.contains(.hasMessageKey)
            ? MessageKey(
                order: b.big(Offset.messageOrder, as: UInt64.self), id: b.token(Offset.messageID),
                digest: b.token(Offset.messageDigest)) : nil
        hashA = b.digest(Offset.hashA)
        hashB = b.digest(Offset.hashB)
        commitment = b.digest(Offset.commitment)
    }

    /// Parses a header from an array.
    public init(parsing bytes: [UInt8]) throws(LogError) {
        // Array's own withUnsafeBytes rethrows untyped, so the error crosses it in a Result.
        let parsed = bytes.withUnsafeBytes { b in
            Result { () throws(LogError) -> Self in try Self(parsing: b) }
        }
        self = try parsed.get()
    }

    /// The 216 bytes, CRC included.
    public func encoded() -> [UInt8] {
        var out = [UInt8](repeating: 0, count: Self.byteCount)
        out.withUnsafeMutableBytes { encode(into: $0) }
        return out
    }

    /// Writes the 216 bytes, CRC included, to the front of `out`.
    func encode(into out: UnsafeMutableRawBufferPointer) {
        precondition(out.count >= Self.byteCount)
        out[Offset.version] = Self.version
        out[Offset.recordClass] = recordClass.rawValue
        out.setBig(flags.rawValue, Offset.flags)
        out.setBig(batchIndex, Offset.batchIndex)
        out.setBig(batchCount, Offset.batchCount)
        out.setBig(lengthA, Offset.lengthA)
        out.setBig(lengthB, Offset.lengthB)
        out.setBig(UInt32(0), Offset.zero)
        out.setBig(position.value, Offset.position)
        out.setBig(recordedAt.microseconds, Offset.recordedAt)
        out.setBig(slotA.value, Offset.slotA)
        out.setBig(slotB.value, Offset.slotB)
        out.setToken(stream, Offset.stream)
        out.setBig(message?.order ?? 0, Offset.messageOrder)
        out.setToken(message?.id ?? .none, Offset.messageID)
        out.setToken(message?.digest ?? .none, Offset.messageDigest)
        out.setDigest(hashA, Offset.hashA)
        out.setDigest(hashB, Offset.hashB)
        out.setDigest(commitment, Offset.commitment)
        out.setBig(UInt32(0), Offset.zero2)
        out.setBig(CRC32C.checksum(UnsafeRawBufferPointer(out), count: Offset.crc), Offset.crc)
    }
}
