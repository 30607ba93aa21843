import Testing

@testable import Zstd

@Suite struct ZstdTests {
    static let text = Array(String(repeating: "a synthetic sentence, again and again; ", count: 500).utf8)

    @Test func contentComesBack() throws {
        for content in [[], [1], Self.text, [UInt8](repeating: 0, count: 3_000_000)] {
            for level: Int32 in [1, 3, 9] {
                let frame = try Zstd.compress(content, level: level)
                #expect(try Zstd.decompress(frame, limit: content.count) == content)
            }
        }
    }

    @Test func aHeaderStandsBeforeTheFrame() throws {
        let frame = try Zstd.compress(Self.text.span.bytes, header: [9, 8])
        #expect(Array(frame[..<2]) == [9, 8])
        #expect(try Zstd.decompress(frame[2...], limit: Self.text.count) == Self.text)
    }

    @Test func aBombIsRefusedBeforeItGoesOff() throws {
        let bomb = try Zstd.compress([UInt8](repeating: 0, count: 50_000_000))
        #expect(bomb.count < 10_000)
        #expect(throws: ZstdError.tooLong(declared: 50_000_000, limit: 1_000_000)) {
            try Zstd.decompress(bomb, limit: 1_000_000)
        }
    }

    @Test func moreOrLessThanOneFrameIsRefused() throws {
        let frame = try Zstd.compress(Self.text)
        #expect(throws: ZstdError.notOneFrame) { try Zstd.decompress(frame + frame, limit: 1 << 20) }
        #expect(throws: ZstdError.notOneFrame) { try Zstd.decompress(frame + [0], limit: 1 << 20) }
        #expect(throws: ZstdError.self) { try Zstd.decompress([UInt8](), limit: 1 << 20) }
        for count in 0..<frame.count {
            #expect(throws: ZstdError.self) { try Zstd.decompress(frame[..<count], limit: 1 << 20) }
        }
    }

    @Test func randomBytesAreRefusedOrDecompressedWithinTheLimit() throws {
        let frame = try Zstd.compress(Self.text)
        for _ in 0..<3000 {
            var altered = frame
            for _ in 0..<Int.random(in: 1...4) {
                altered[Int.random(in: 0..<altered.count)] = .random(in: 0...255)
            }
            if let content = try? Zstd.decompress(altered, limit: 30_000) { #expect(content.count <= 30_000) }
        }
        #expect(try Zstd.decompress(frame, limit: 30_000) == Self.text, "the context survives damaged input")
    }

    @Test func aDictionaryMustBeOne() {
        #expect(throws: ZstdError.self) { try ZstdDictionary([1, 2, 3], level: 1) }
        #expect(throws: ZstdError.self) { try ZstdDictionary([], level: 1) }
    }
}
