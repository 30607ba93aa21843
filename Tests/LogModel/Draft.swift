import Ciphers
import EventLog
import Wire

/// Records as tests make them: their parts are any bytes, for the log never opens them.
public enum Draft {
    public static func creation(simulated: Bool) throws -> Proposal {
        try Proposal(records: [
            record(.storeCreated, flags: simulated ? .simulatedClock : [], slotA: .region, partA: [1, 2, 3])
        ])
    }

    public static func record(
        _ recordClass: RecordClass = .sourceUpdate, flags: RecordFlags = .advancesStream,
        stream: StreamToken = .none, slotA: KeySlot = KeySlot(3), slotB: KeySlot = .none,
        message: MessageKey? = nil, partA: [UInt8] = [9], partB: [UInt8] = []
    ) throws -> SealedRecord {
        try SealedRecord(
            recordClass: recordClass, flags: flags, stream: stream, slotA: slotA, slotB: slotB,
            message: message,
            partA: partA, partB: partB, hashA: SHA256.hash(partA),
            hashB: partB.isEmpty ? .zero : SHA256.hash(partB))
    }

    public static func stream(_ number: UInt64) -> StreamToken {
        StreamToken(high: number &* 0x9E37_79B9_7F4A_7C15, low: number &+ 1)
    }

    public static func message(_ id: UInt64, digest: UInt64 = 0) -> MessageKey {
        MessageKey(
            order: id / 4, id: StreamToken(high: id, low: id &* 0x9E37_79B9_7F4A_7C15),
            digest: StreamToken(high: digest, low: 7))
    }
}

extension AppendOutcome {
    public var appended: Appended? { if case .appended(let a) = self { a } else { nil } }
}
