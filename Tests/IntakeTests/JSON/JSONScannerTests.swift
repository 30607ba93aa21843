import Intake
import Testing

@Suite struct JSONScannerTests {
    @Test(
        arguments: [
            "{}", "[]", "0", "-0", "1.5e-7", "\"\"", "true", " \t\r\n null \n", "[1,2,[3,{}],{\"a\":[]}]",
            "{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "\"\\u00e9\\ud83d\\ude00\\/\\b\\f\\n\\r\\t\\\\\\\"\"",
            "\"é€😀\"",
            "\u{FEFF}{}", "[1E5,1e+5,-12.0]", "\"\u{7F}\u{80}\u{7FF}\u{800}\u{FFFF}\u{10FFFF}\"",
        ])
    func takesWhatIsJSON(_ text: String) throws { _ = try JSONDocument(text) }

    @Test(
        arguments: [
            ("", JSONError.Code.empty), (" \n", .empty), ("{", .truncated), ("[1,", .truncated),
            ("tru", .truncated),
            ("\"a", .truncated), ("\"\\", .truncated), ("\"\\u00", .truncated), ("-", .truncated),
            ("1.", .truncated),
            ("{\"a\"", .truncated), ("{\"a\":", .truncated), ("{} {}", .trailingBytes),
            ("1 2", .trailingBytes),
            ("{,}", .unexpected), ("{\"a\":1,}", .unexpected), ("[1,]", .unexpected), ("[,1]", .unexpected),
            ("{a:1}", .unexpected), ("{\"a\" 1}", .unexpected), ("[1 2]", .unexpected), ("[1}", .unexpected),
            ("{\"a\":1]", .unexpected), ("'a'", .unexpected), ("nul!", .unexpected),
            ("truex", .trailingBytes),
            ("[tr]", .unexpected), ("+1", .unexpected), (".5", .unexpected), ("01", .badNumber),
            ("-01", .badNumber),
            ("[1.]", .badNumber), ("[1e]", .badNumber), ("[-]", .badNumber), ("NaN", .unexpected),
            ("\"\\x\"", .badEscape), ("\"\\u00g0\"", .badEscape), ("\"\\ud800\"", .badEscape),
            ("\"\\ud800\\u0041\"", .badEscape), ("\"\\udc00\"", .badEscape), ("\"\\ud800x\"", .badEscape),
            ("\"a\nb\"", .controlCharacter), ("\"12345678\u{1}\"", .controlCharacter),
            ("\u{B}1", .unexpected),
            ("{\"a\":1,\"a\":2}", .duplicateMember), ("{\"ab\":1,\"\\u0061b\":2}", .duplicateMember),
            ("{\"\\u0061b\":1,\"ab\":2}", .duplicateMember), ("<Bundle/>", .unexpected),
            ("// x", .unexpected),
            ("\u{A0}1", .unexpected), ("]", .unexpected), ("}", .unexpected), (":", .unexpected),
        ])
    func refusesWhatIsNot(_ text: String, _ code: JSONError.Code) {
        let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
        #expect(error?.code == code, "\(text.debugDescription): \(String(describing: error))")
    }

    @Test func refusesWhatIsNotUTF8() {
        let bad: [[UInt8]] = [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC2, 0x20], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xE9],
            [0xF0, 0x8F, 0xBF, 0xBF], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF],
        ]
        for (sequence, padding) in bad.flatMap({ bytes in (0..<18).map { (bytes, $0) } }) {
            let text = [0x22] + Array(repeating: UInt8(0x61), count: padding) + sequence
            let error = #expect(throws: JSONError.self) { try JSONDocument(text + [0x22, 0x20, 0x20]) }
            #expect(error?.code == .charset && error?.offset == padding + 1)
        }
        let utf16 = Array("{\"a\":1}".utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        for text in [[0xFF, 0xFE] + utf16, utf16, [0] + utf16.dropLast(), [0xFE, 0xFF, 0] + utf16] {
            let error = #expect(throws: JSONError.self) { try JSONDocument(text) }
            #expect(error?.code == .charset)
            #expect(error?.reason.contains("UTF-16") == true)
        }
    }

    @Test func saysWhere() throws {
        let text = """
            {
              "resourceType": "Bundle",
              "entry": [
                {"resource": {"id": 1}},
                {"resource": {"id": 01}}
              ]
            }
            """
        let error = try #require(throws: JSONError.self) { try JSONDocument(text) }
        #expect(error.path == "Bundle.entry[1].resource.id")
        #expect((error.line, error.column) == (5, 25))
        #expect(Array(text.utf8)[error.offset] == UInt8(ascii: "0"))
        let twice = try #require(throws: JSONError.self) {
            try JSONDocument("[{\"a\":[0,{\"b\":1,\"b\":2}]}]")
        }
        #expect(twice.path == "$[0].a[1].b")
        #expect(twice.reason.contains("\"b\""))
    }

    @Test func depthAndSizeAreLimited() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(throws: Never.self) { try JSONDocument(nested(64)) }
        #expect(throws: JSONError.self) { try JSONDocument(nested(65)) }
        #expect(throws: JSONError.self) { try JSONDocument(Array(repeating: 0x5B, count: 1 << 20)) }
        #expect(throws: JSONError.self) { try JSONDocument(nested(5), limits: JSONLimits(bytes: 9)) }
    }

    @Test func manyMembersAreCheckedInTheirLength() throws {
        var text = "{"
        for i in 0..<5_000 { text += "\"member\(i)\":\(i)," }
        #expect(try JSONDocument(text + "\"last\":0}").root["member4999"]?.int == 4999)
        for twice in ["member0", "member23", "member24", "member25", "member4999", "memb\\u0065r7"] {
            let error = #expect(throws: JSONError.self) { try JSONDocument(text + "\"\(twice)\":0}") }
            #expect(error?.code == .duplicateMember)
        }
    }

    @Test func duplicatesAreFoundAtEverySizeAndLength() throws {
        for count in 1...40 {
            for length in [1, 7, 8, 9, 15, 16, 17, 30] {
                let names = (0..<count).map { i in
                    String(repeating: "x", count: max(0, length - 3))
                        + String(1000 + i).suffix(min(3, length + 2))
                }
                let text = "{" + names.map { "\"\($0)\":0" }.joined(separator: ",")
                #expect(throws: Never.self) { try JSONDocument(text + "}") }
                let error = #expect(throws: JSONError.self) {
                    try JSONDocument(text + ",\"\(names[count / 2])\":0}")
                }
                #expect(error?.code == .duplicateMember)
            }
        }
    }

    @Test func stringsOfEveryLengthAndPlaceEnd() throws {
        for padding in 0..<20 {
            for length in 0..<40 {
                let value = String((0..<length).map { Character(Unicode.Scalar(UInt8(0x61 + $0 % 26))) })
                for tail in ["", "é", "\\n", "\\u0041é"] {
                    let text = String(repeating: " ", count: padding) + "[\"\(value)\(tail)\"]"
                    let found = try JSONDocument(text).root[0]?.string
                    let decoded = ["": "", "é": "é", "\\n": "\n", "\\u0041é": "Aé"][tail]!
                    #expect(found == value + decoded)
                }
            }
        }
    }

    @Test func storageIsReusedAndNothingStays() throws {
        var scanner = JSONScanner()
        var document = try scanner.scan(Array("[1,2,3]".utf8))
        #expect(throws: JSONError.self) { try scanner.scan(Array("{\"a\":{\"b\":[".utf8), into: &document) }
        #expect(document.tokens.isEmpty)
        try scanner.scan(Array("{\"a\":1}".utf8), into: &document)
        #expect(document.root["a"]?.int == 1)
        #expect(document.tokens.count == 3)
    }
}
