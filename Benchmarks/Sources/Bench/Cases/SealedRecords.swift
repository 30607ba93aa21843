import EventLog
import Wire

/// Records of about 400 stored bytes, sealed beforehand: what the append benchmarks put, on both sides.
struct SealedRecords: Sendable {
    /// Bytes of a stored record: the header and one part.
    static let storedBytes = 400
    static let streams = 1000

    let records: [SealedRecord]

    /// Records with random bytes for their part, as sealed bytes are; of a thousand streams.
    init(_ count: Int, seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        // Tokens are keyed hashes, so they are as random here.
        let streams = (0..<Self.streams).map { _ in StreamToken(high: random.next(), low: random.next()) }
        records = try (0..<count).map { index in
            var part = [UInt8](repeating: 0, count: Self.storedBytes - RecordHeader.byteCount)
            for at in part.indices { part[at] = UInt8(truncatingIfNeeded: random.next()) }
            return try SealedRecord(
                recordClass: .sourceUpdate, flags: .advancesStream,
                stream: streams[random.below(streams.count)], slotA: KeySlot(3), partA: part,
                hashA: Digest(words: (random.next(), random.next(), random.next(), random.next())))
        }
    }

    /// The bytes as the log stores them but for position, time and batch, for the peers.
    var storedValues: [[UInt8]] { records.map { $0.header.encoded() + $0.partA + $0.partB } }
}
