import Ciphers
import EventLog
import Wire

/// The n-th message of a client: what it is follows from the two numbers, so that whoever reads it back knows it.
public struct TortureMessage: Hashable, Sendable {
    public var client: UInt64
    public var number: UInt64

    public init(client: UInt64, number: UInt64) { (self.client, self.number) = (client, number) }

    /// - Returns: nil for a record that is none.
    public init?(part: some Collection<UInt8>) {
        var reader = ByteReader(Array(part.prefix(16))[...])
        guard let client = try? reader.u64(), let number = try? reader.u64() else { return nil }
        self.init(client: client, number: number)
    }

    public var part: [UInt8] {
        var bytes = ByteWriter()
        bytes.u64(client)
        bytes.u64(number)
        // Every seventh needs pages of its own.
        let length = number % 7 == 0 ? 3000 + number * 37 % 30_000 : number * 131 % 1500
        return bytes.bytes + [UInt8](repeating: UInt8(number & 255), count: Int(length))
    }

    public var key: MessageKey {
        MessageKey(
            order: number, id: StreamToken(high: client, low: number),
            digest: StreamToken(high: number, low: 2))
    }

    /// The same with a second part, sealed under a key of its own.
    public func proposal(sealing slot: KeySlot, _ keys: KeyStore) throws -> Proposal {
        let (part, text) = (part, Array("\(client) \(number)".utf8))
        let sealed = try AESGCM.seal(text, key: try keys.key(slot))
        return Proposal(records: [
            try SealedRecord(
                recordClass: .sourceUpdate, flags: .advancesStream,
                stream: StreamToken(high: 7, low: (client + number) % 50 + 1),
                slotA: KeySlot(3 + number % 50), slotB: slot, message: key, partA: part, partB: sealed,
                hashA: SHA256.hash(part), hashB: SHA256.hash(sealed))
        ])
    }

    /// Whether a record is this message, and its second part opens.
    public func isSealed(in record: StoredRecord, _ keys: KeyStore) throws -> Bool {
        guard TortureMessage(part: record.partA) == self else { return false }
        let key = try keys.key(record.header.slotB)
        return try AESGCM.open(record.partB, key: key) == Array("\(client) \(number)".utf8)
    }

    public func proposal() throws -> Proposal {
        let part = part
        return Proposal(records: [
            try SealedRecord(
                recordClass: .sourceUpdate, flags: .advancesStream,
                stream: StreamToken(high: 7, low: (client + number) % 50 + 1),
                slotA: KeySlot(3 + number % 50), message: key, partA: part, hashA: SHA256.hash(part))
        ])
    }
}
