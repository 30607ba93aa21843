import NIOCore
import Testing

@testable import Listeners

@Suite struct FrameDecoderTests {
    static func decoded(_ pieces: [[UInt8]], limits: MLLPLimits = MLLPLimits()) throws(MLLPError) -> [String]
    {
        var decoder = MLLPFrameDecoder(limits: limits)
        var buffer = ByteBuffer()
        var out: [String] = []
        for piece in pieces {
            buffer.writeBytes(piece)
            while let frame = try decoder.next(&buffer) { out.append(String(buffer: frame)) }
        }
        return out
    }

    static let stream: [UInt8] =
        Array(
            "noise\u{0B}MSH|first\rPID|\u{1C}x\r\u{1C}\r\r\n\u{0B}\u{1C}\r\u{0B}MSH|third\u{1C}\u{1C}\r\u{0B}cut"
                .utf8)
    static let frames = ["MSH|first\rPID|\u{1C}x\r", "", "MSH|third\u{1C}"]

    @Test func framesAreFoundHoweverTheStreamIsCut() throws {
        #expect(try Self.decoded([Self.stream]) == Self.frames)
        #expect(try Self.decoded(Self.stream.map { [$0] }) == Self.frames)
        for cut in 1..<Self.stream.count {
            #expect(
                try Self.decoded([Array(Self.stream[..<cut]), Array(Self.stream[cut...])]) == Self.frames)
        }
    }

    @Test func whatIsTooLargeOrNoMLLPEndsTheConnection() {
        var limits = MLLPLimits()
        (limits.frameBytes, limits.strayBytes) = (100, 50)
        let exact = [MLLPFrameDecoder.start] + [UInt8](repeating: 65, count: 100) + [0x1C, 0x0D]
        #expect(throws: Never.self) { try Self.decoded([exact], limits: limits) }
        let large = [MLLPFrameDecoder.start] + [UInt8](repeating: 65, count: 101)
        #expect(throws: MLLPError.frameTooLarge(limit: 100)) {
            try Self.decoded([large + [0x1C, 0x0D]], limits: limits)
        }
        #expect(throws: MLLPError.frameTooLarge(limit: 100)) {
            try Self.decoded((large + [65]).map { [$0] }, limits: limits)
        }
        #expect(throws: MLLPError.notMLLP(strayBytes: 51)) {
            try Self.decoded(
                Array("GET / HTTP/1.1\r\nHost: example.org\r\nAccept: */*\r\n\r\n.....".utf8).map { [$0] },
                limits: limits)
        }
    }

    @Test func aFrameIsWhatIsDecodedFromIt() throws {
        var buffer = ByteBuffer()
        MLLPFrameDecoder.framed(Array("MSA|AA|1\r".utf8), into: &buffer)
        #expect(try Self.decoded([Array(buffer.readableBytesView)]) == ["MSA|AA|1\r"])
    }
}
