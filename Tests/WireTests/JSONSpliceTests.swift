import Seeded
import Testing

@testable import Wire

@Suite struct JSONSpliceTests {
    /// The format's definition, byte by byte.
    static func naiveMinified(_ source: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var inString = false
        var escaped = false
        for byte in source {
            if escaped {
                escaped = false
            } else if inString, byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "\"") {
                inString.toggle()
            } else if !inString, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
                continue
            }
            out.append(byte)
        }
        return out
    }

    static func naiveContent(_ splice: JSONSplice, of source: [UInt8]) -> [UInt8] {
        var spliced: [UInt8] = []
        var at = splice.start
        for edit in splice.edits {
            spliced += source[at..<at + edit.offset] + edit.insertion
            at += edit.offset + edit.deleted
        }
        return naiveMinified(spliced + source[at..<splice.start + splice.length])
    }

    @Test func dropsWhitespaceOutsideStringsOnly() {
        let pretty = "{\n  \"a b\" : [ 1 ,\t2\r\n ], \"c\\\" d\" : \"\\\\\" , \"e\" : \" \\u0020 \" }\n"
        let compact = #"{"a b":[1,2],"c\" d":"\\","e":" \u0020 "}"#
        #expect(JSONMinifier.minified(Array(pretty.utf8)[...]) == Array(compact.utf8))
    }

    @Test(arguments: [UInt64(1), 20_260_101, .random(in: 0 ... .max)])
    func agreesWithTheDefinition(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let alphabet: [UInt8] = Array("\"\"\\ \n\t\r  {}:,ab1\u{e9}".utf8)
        for round in 0..<3000 {
            var source: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &random) {
                let byte = alphabet.randomElement(using: &random)!
                let length = Int.random(in: 0..<8, using: &random) == 0 ? 30 : 3
                source += repeatElement(byte, count: Int.random(in: 1...length, using: &random))
            }
            #expect(
                JSONMinifier.minified(source[...]) == Self.naiveMinified(source),
                "seed \(seed) round \(round)")
            let splice = Self.randomSplice(in: source, using: &random)
            #expect(
                try splice.content(of: source) == Self.naiveContent(splice, of: source),
                "seed \(seed) round \(round)")
        }
    }

    static func randomSplice(in source: [UInt8], using random: inout SplitMix64) -> JSONSplice {
        let start = Int.random(in: 0...source.count, using: &random)
        let length = Int.random(in: 0...(source.count - start), using: &random)
        var left = length
        var edits: [JSONSplice.Edit] = []
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            let offset = Int.random(in: 0...left, using: &random)
            let deleted = Int.random(in: 0...(left - offset), using: &random)
            left -= offset + deleted
            let insertion = (0..<Int.random(in: 0...20, using: &random)).map { _ in
                Array("\" \\x".utf8).randomElement(using: &random)!
            }
            edits.append(.init(offset: offset, deleted: deleted, insertion: insertion))
        }
        return JSONSplice(start: start, length: length, edits: edits)
    }

    @Test func editsByPlaceInTheSource() throws {
        let source = Array(#"[{"id": "1", "x": 2}]"#.utf8)
        let splice = JSONSplice(
            start: 1, length: 19, replacing: [(8..<11, Array(#""A.1""#.utf8)), (18..<19, Array("3".utf8))])
        #expect(try splice.content(of: source) == Array(#"{"id":"A.1","x":3}"#.utf8))
    }

    @Test func refusesWhatLiesOutside() {
        let source = [UInt8](repeating: 0x31, count: 10)
        let outside = [
            JSONSplice(start: 11, length: 0), JSONSplice(start: 0, length: 11),
            JSONSplice(start: -1, length: 1),
            JSONSplice(start: 5, length: .max), JSONSplice(start: 5, length: -1),
            JSONSplice(start: 0, length: 5, edits: [.init(offset: 6, deleted: 0, insertion: [])]),
            JSONSplice(start: 0, length: 5, edits: [.init(offset: 5, deleted: 1, insertion: [])]),
            JSONSplice(start: 0, length: 5, edits: [.init(offset: -1, deleted: 1, insertion: [])]),
            JSONSplice(start: 0, length: 5, edits: [.init(offset: .max, deleted: .max, insertion: [])]),
        ]
        for splice in outside {
            #expect(throws: WireError.self) { try splice.content(of: source) }
        }
    }
}
