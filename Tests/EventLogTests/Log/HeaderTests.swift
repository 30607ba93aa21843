import EventLog
import Testing
import Wire

@Suite struct HeaderTests {
    static func header() -> RecordHeader {
        var header = RecordHeader(
            recordClass: .sourceUpdate, flags: [.advancesStream, .foreignSlotB], batchIndex: 2, batchCount: 5,
            lengthA: 100, lengthB: 7, position: Position(0x0102_0304_0506),
            recordedAt: Instant(microseconds: -1),
            slotA: KeySlot(9), slotB: .region, stream: StreamToken(high: 1, low: .max),
            message: Draft.message(77, digest: 5), hashA: MerkleTree.leafHash([1]),
            hashB: MerkleTree.leafHash([2]),
            commitment: MerkleTree.leafHash([3]))
        header.position = Position(0x0102_0304_0506)
        return header
    }

    @Test func whatIsWrittenIsRead() throws {
        let bytes = Self.header().encoded()
        #expect(bytes.count == RecordHeader.byteCount)
        #expect(try RecordHeader(parsing: bytes) == Self.header())
    }

    @Test func everyFlippedBitIsRefused() {
        let bytes = Self.header().encoded()
        for i in bytes.indices {
            for bit in 0..<8 as Range<UInt8> {
                var bad = bytes
                bad[i] ^= 1 << bit
                #expect(throws: LogError.self, "byte \(i) bit \(bit)") { try RecordHeader(parsing: bad) }
            }
        }
        #expect(throws: LogError.self) { try RecordHeader(parsing: Array(bytes.dropLast())) }
        #expect(throws: LogError.self) { try RecordHeader(parsing: []) }
    }
}
