import LZ4
import Seeded
import Testing

@Suite struct LZ4Tests {
    private static func unzipped(
        _ block: [UInt8], count: Int, behind: [UInt8] = [], room: Int? = nil
    ) throws(LZ4Error) -> [UInt8] {
        try [UInt8](capacity: behind.count + (room ?? count)) {
            (out: inout OutputSpan<UInt8>) throws(LZ4Error) in
            for byte in behind { out.append(byte) }
            try LZ4.decompress(block.span.bytes, count: count, appendingTo: &out)
        }
    }

    private static func content(_ seed: Int) -> [UInt8] {
        var random = SplitMix64(seed: UInt64(seed))
        let count = [0, 1, 12, 13, 300, 70_000][seed % 6]
        let alphabet: ClosedRange<UInt8> = seed % 2 == 0 ? 97...99 : 0...255
        return (0..<count).map { _ in UInt8.random(in: alphabet, using: &random) }
    }

    @Test(arguments: 0..<24) func whatIsZippedComesBack(seed: Int) throws {
        let content = Self.content(seed)
        let block = try LZ4.compress(content)
        #expect(try Self.unzipped(block, count: content.count) == content)
        let behind = Array("behind".utf8)
        #expect(try Self.unzipped(block, count: content.count, behind: behind) == behind + content)
    }

    @Test func repeatedContentGetsShort() throws {
        let content = Array(repeatElement(Array("resourceType".utf8), count: 1000).joined())
        #expect(try LZ4.compress(content).count < content.count / 50)
    }

    /// A known block: ten bytes repeated, as lz4_Block_format.md has it.
    @Test func aBlockOfTheFormatIsRead() throws {
        // 2 literals "ab", a match of 8 two bytes back, then the last five bytes as literals.
        let block: [UInt8] = [0x24, 0x61, 0x62, 0x02, 0x00, 0x50, 0x31, 0x32, 0x33, 0x34, 0x35]
        #expect(try Self.unzipped(block, count: 15) == Array("ababababab12345".utf8))
    }

    @Test func aWrongLengthIsRefused() throws {
        let content = Self.content(4)
        let block = try LZ4.compress(content)
        for wrong in [0, content.count - 1, content.count + 1, content.count + 100] {
            #expect(throws: LZ4Error.damaged) {
                try Self.unzipped(block, count: wrong, room: content.count + 200)
            }
        }
        #expect(throws: LZ4Error.tooLong(content.count)) {
            try Self.unzipped(block, count: content.count, room: content.count - 1)
        }
        #expect(throws: LZ4Error.damaged) { try Self.unzipped([], count: 0) }
        #expect(throws: LZ4Error.tooLong(-1)) { try Self.unzipped(block, count: -1, room: 10) }
    }

    /// Bytes of any kind end in an error or in bytes, never beyond the room.
    @Test(arguments: 0..<300) func damagedBlocksDoNotEscapeTheRoom(seed: Int) throws {
        var random = SplitMix64(seed: UInt64(seed) + 1000)
        var block = try LZ4.compress(Self.content(seed))
        for _ in 0..<4 {
            block[Int.random(in: 0..<block.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        }
        if Bool.random(using: &random) { block.removeLast(Int.random(in: 0..<block.count, using: &random)) }
        let count = Int.random(in: 0...2000, using: &random)
        if let out = try? Self.unzipped(block, count: count, room: 3000) { #expect(out.count == count) }
    }
}
