import Wire

/// What a run of the newest records says, until the index environment holds it.
struct TailSegment: Sendable {
    /// The position before the segment's first record.
    var after: Position
    var last: Position
    /// When `last` was recorded: how an index is known to be this log's.
    var lastRecordedAt: Instant
    var streams = StreamTable()
    var messages = MessageTable()
    /// Heads of the classes seen in the segment.
    var classes = [Position](repeating: .start, count: 256)
    var maxSlot = KeySlot.none

    init(after: Position) {
        (self.after, last, lastRecordedAt) = (after, after, .distantPast)
    }

    var count: UInt64 { last.value - after.value }

    /// Notes the next record.
    mutating func note(_ facts: RecordFacts, at position: Position, recordedAt: Instant) {
        last = position
        lastRecordedAt = recordedAt
        classes[Int(facts.recordClass.rawValue)] = position
        if facts.maxSlot > maxSlot { maxSlot = facts.maxSlot }
        if let message = facts.message { messages.insert(message, at: position) }
        if !facts.stream.isNone {
            streams.note(
                facts.stream, slot: facts.streamSlot, advances: facts.flags.contains(.advancesStream),
                at: position)
        }
    }
}

/// What the index needs of a header, read without the hashes.
struct RecordFacts: Sendable {
    var recordClass: RecordClass
    var flags: RecordFlags
    var stream: StreamToken
    var message: MessageKey?
    var slotA: KeySlot
    var slotB: KeySlot

    /// Reads an encoded header's fields.
    @inline(__always)
    init(_ b: UnsafeRawBufferPointer) {
        recordClass = RecordClass(rawValue: b[RecordHeader.Offset.recordClass])
        flags = RecordFlags(rawValue: b.big(RecordHeader.Offset.flags, as: UInt16.self))
        stream = b.token(RecordHeader.Offset.stream)
        slotA = KeySlot(b.big(RecordHeader.Offset.slotA, as: UInt64.self))
        slotB = KeySlot(b.big(RecordHeader.Offset.slotB, as: UInt64.self))
        message = flags.contains(.hasMessageKey) ? MessageKey(b, RecordHeader.Offset.messageOrder) : nil
    }

    var maxSlot: KeySlot { max(slotA, slotB) }

    /// The slot that the record says is its stream's own: A's, else B's, passing over the region's key and those
    /// flagged as foreign.
    var streamSlot: KeySlot {
        if slotA >= .firstFree, !flags.contains(.foreignSlotA) { return slotA }
        if slotB >= .firstFree, !flags.contains(.foreignSlotB) { return slotB }
        return .none
    }
}

extension MessageKey {
    static let byteCount = 40

    /// Reads order ‖ id ‖ digest, as headers and index keys hold them.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, _ offset: Int) {
        self.init(
            order: bytes.big(offset, as: UInt64.self), id: bytes.token(offset + 8),
            digest: bytes.token(offset + 24))
    }

    /// order ‖ id ‖ digest.
    var bytes: [UInt8] {
        var out = ByteWriter(capacity: Self.byteCount)
        out.u64(order)
        for token in [id, digest] {
            out.u64(token.high)
            out.u64(token.low)
        }
        return out.bytes
    }

    static func < (a: MessageKey, b: MessageKey) -> Bool {
        if a.order != b.order { return a.order < b.order }
        return a.id != b.id ? a.id < b.id : a.digest < b.digest
    }
}
