import Wire

/// A record ready for the queue: everything but its position, time and batch bounds, which the writer fills in.
///
/// Callers compress, seal and hash before they queue; the writer copies these bytes once, into LMDB's page.
public struct SealedRecord: Sendable {
    /// A header whose batch, position and time are zero, then the sealed parts.
    let framed: [UInt8]

    /// Takes `framed` as its storage, without a copy.
    ///
    /// - Parameters:
    ///   - framed: 216 bytes that are overwritten by the header, then sealed part A, then sealed part B.
    ///   - lengthA: bytes of sealed part A; what follows it is part B.
    ///   - hashA: SHA-256 of sealed part A, zero where there is none.
    ///   - message: only on the first record of a proposal.
    /// - Throws: `LogError.tooLarge` past `LogLimits.recordBytes`; `LogError.invalid` where lengths and slots do
    ///   not agree.
    public init(
        recordClass: RecordClass, flags: RecordFlags = [], stream: StreamToken = .none, slotA: KeySlot,
        slotB: KeySlot = .none, message: MessageKey? = nil, framed: consuming [UInt8], lengthA: Int,
        hashA: Digest,
        hashB: Digest = .zero, commitment: Digest = .zero
    ) throws(LogError) {
        guard framed.count <= LogLimits.recordBytes else {
            throw .tooLarge(what: "bytes of a record", bytes: framed.count, limit: LogLimits.recordBytes)
        }
        let lengthB = framed.count - RecordHeader.byteCount - lengthA
        guard lengthA >= 0, lengthB >= 0, (lengthA == 0) == (slotA == .none),
            (lengthB == 0) == (slotB == .none)
        else { throw .invalid(what: "a part has bytes without a key slot, or a slot without bytes") }
        let header = RecordHeader(
            recordClass: recordClass, flags: flags, batchIndex: 0, batchCount: 0, lengthA: UInt32(lengthA),
            lengthB: UInt32(lengthB), slotA: slotA, slotB: slotB, stream: stream, message: message,
            hashA: hashA,
            hashB: hashB, commitment: commitment)
        framed.withUnsafeMutableBytes { header.encode(into: $0) }
        self.framed = framed
    }

    /// As above from parts of their own, which are copied behind a header.
    public init(
        recordClass: RecordClass, flags: RecordFlags = [], stream: StreamToken = .none, slotA: KeySlot,
        slotB: KeySlot = .none, message: MessageKey? = nil, partA: [UInt8], partB: [UInt8] = [],
        hashA: Digest,
        hashB: Digest = .zero, commitment: Digest = .zero
    ) throws(LogError) {
        var framed = [UInt8]()
        framed.reserveCapacity(RecordHeader.byteCount + partA.count + partB.count)
        framed.append(contentsOf: repeatElement(0, count: RecordHeader.byteCount))
        framed.append(contentsOf: partA)
        framed.append(contentsOf: partB)
        try self.init(
            recordClass: recordClass, flags: flags, stream: stream, slotA: slotA, slotB: slotB,
            message: message,
            framed: framed, lengthA: partA.count, hashA: hashA, hashB: hashB, commitment: commitment)
    }

    /// The header as far as it is known: batch, position and time are zero.
    public var header: RecordHeader { framed.withUnsafeBytes { RecordHeader(unchecked: $0) } }
    public var message: MessageKey? { header.message }
    public var byteCount: Int { framed.count }
    public var partA: ArraySlice<UInt8> { framed[RecordHeader.byteCount...].prefix(Int(header.lengthA)) }
    public var partB: ArraySlice<UInt8> { framed[RecordHeader.byteCount...].dropFirst(Int(header.lengthA)) }
}
