import Foundation
import Testing

@testable import Server

@Suite struct InputPiecesTests {
    private func pieces(_ bytes: [UInt8]) throws -> [IngestInput] {
        let path = NSTemporaryDirectory() + "daybook-pieces-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reader = InputPieces(try #require(FileHandle(forReadingAtPath: path)), name: "f")
        var out: [IngestInput] = []
        while let piece = try reader.next() { out.append(piece) }
        return out
    }

    @Test func aSmallFileIsOnePiece() throws {
        #expect(try pieces(Array("{}\n{}\n".utf8)).map(\.firstLine) == [nil])
        #expect(try pieces([]).map(\.bytes.count) == [0])
    }

    @Test func aLongFileOfLinesComesInWholeLinesThatKeepTheirNumbers() throws {
        let line = Array(
            (#"{"resourceType":"Basic","id":"b","text":""# + String(repeating: "x", count: 997) + "\"}\n")
                .utf8)
        var bytes: [UInt8] = []
        for _ in 0..<40_000 { bytes += line }
        let all = try pieces(bytes)
        #expect(all.count == 3)
        #expect(all.flatMap(\.bytes) == bytes)
        var expected = 1
        for piece in all {
            #expect(piece.firstLine == expected)
            #expect(piece.bytes.count.isMultiple(of: line.count))
            expected += piece.bytes.count / line.count
        }
    }

    @Test func aDocumentOverTheLimitIsRefused() throws {
        let bytes = Array("{\n\"a\":\"".utf8) + [UInt8](repeating: 0x61, count: 66 << 20)
        #expect(throws: StoreError.self) { try pieces(bytes) }
    }
}
