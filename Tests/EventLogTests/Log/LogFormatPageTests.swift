import Foundation
import LMDB
import Testing
import Wire

@testable import EventLog

/// docs/FORMAT.md says what the code writes: its example, which was computed by hand, is read from the page.
@Suite struct LogFormatPageTests {
    /// The indented hexadecimal blocks under "### Example".
    static func examples() throws -> [[UInt8]] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appending(path: "docs/FORMAT.md"), encoding: .utf8)
        let section = try #require(page.components(separatedBy: "### Example").dropFirst().first)
        var blocks: [String] = [""]
        for line in section.components(separatedBy: "\n## ")[0].components(separatedBy: "\n") {
            let text = line.trimmingCharacters(in: .whitespaces)
            if line.hasPrefix("    "), text.allSatisfy(\.isHexDigit) {
                blocks[blocks.count - 1] += text
            } else if !blocks[blocks.count - 1].isEmpty {
                blocks.append("")
            }
        }
        return try blocks.filter { !$0.isEmpty }.map { try #require(Hex.decode($0)) }
    }

    static func token(_ first: UInt8) throws -> StreamToken {
        try #require(StreamToken((0..<16).map { first + $0 }))
    }

    static func write(_ log: EventLog) throws {
        let time = try #require(Instant(rfc3339: "2018-02-01T09:30:00Z"))
        try log.simulate(now: time)
        let first = try Draft.record(
            .storeCreated, flags: .simulatedClock, slotA: .region, partA: Array("first".utf8))
        _ = try log.appendAndWait([Proposal(records: [first])])
        let plain = try Draft.record(
            stream: token(0xA0), slotB: .region,
            message: MessageKey(order: 7, id: token(0xB0), digest: token(0xC0)), partA: Array("part A".utf8),
            partB: Array("part B".utf8))
        let header = plain.header
        let second = try SealedRecord(
            recordClass: header.recordClass, flags: header.flags, stream: header.stream, slotA: header.slotA,
            slotB: header.slotB, message: header.message, partA: Array(plain.partA),
            partB: Array(plain.partB),
            hashA: header.hashA, hashB: header.hashB,
            commitment: try #require(Digest([UInt8](repeating: 0xDD, count: 32))))
        try log.simulate(now: nil)
        _ = try log.appendAndWait([Proposal(records: [second])])
    }

    @Test func theLogWritesThePagesBytes() throws {
        let blocks = try Self.examples()
        try #require(blocks.count == 6)
        let scratch = ScratchLog()
        let log = try scratch.open()
        try Self.write(log)
        func entries(_ database: Database) throws -> [[UInt8]] {
            try log.read { (t: borrowing ReadTransaction) throws(LogError) in
                try t.withCursor(database) { (cursor: inout Cursor) throws(LogError) in
                    var out: [[UInt8]] = []
                    while try cursor.next(LogError.self) {
                        out.append([UInt8](cursor.key) + [UInt8](cursor.value))
                    }
                    return out
                }
            }
        }
        #expect(try entries(log.storage.records).map { Array($0.dropFirst(8)) } == Array(blocks[0...1]))
        #expect(try log.header(at: Position(1)).leafHash.bytes == blocks[2])
        #expect(try log.header(at: Position(2)).leafHash.bytes == blocks[3])
        #expect(try entries(log.storage.commits) == Array(blocks[4...5]))
        #expect(try log.verify().isSound)
        log.close()
    }

    @Test func thePagesHeadersParse() throws {
        let blocks = try Self.examples()
        let second = try RecordHeader(parsing: blocks[1])
        #expect(second.recordClass == .sourceUpdate)
        #expect(second.position == Position(2))
        #expect(second.message?.order == 7)
        #expect(second.recordBytes == blocks[1].count)
    }
}
