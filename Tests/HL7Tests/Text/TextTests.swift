import HL7
import Testing

/// Escapes and character sets.
@Suite struct TextTests {
    /// The text of OBX-5, in a message whose MSH-18 is the name.
    private func text(_ value: [UInt8], charset: String = "") throws -> String {
        let head = #"MSH|^~\&|||||||||||||||"# + (charset.isEmpty ? "" : "|\(charset)")
        return try HL7Message(Array(head.utf8) + Array("\rOBX|||||".utf8) + value).segment(1).field(5).string
    }
    private func text(_ value: String, charset: String = "") throws -> String {
        try text(Array(value.utf8), charset: charset)
    }

    @Test(arguments: [
        (#"a\F\b\S\c\T\d\R\e\E\f"#, #"a|b^c&d~e\f"#),
        (#"line 1\.br\line 2\.sp2\line 4"#, "line 1\nline 2\n\nline 4"),
        (#"\.in+4\indented\.sk3\x\.ce\y\.fi\\.nf\z"#, "indented   x\nyz"),
        (#"\H\bold\N\ plain"#, "bold plain"),
        (#"\X41424a\\X0D0A\\X0d\x"#, "ABJ\n\nx"),
        (#"50% \P\ off"#, "50% # off"),
        // What is not known stays, and so does an escape character that stands alone.
        (#"C:\temp\x"#, #"C:\temp\x"#),
        (#"\C2842\ \Zabc\ \X4\ \X\ \XZZ\ \"#, #"\C2842\ \Zabc\ \X4\ \X\ \XZZ\ \"#),
        (#"a\\b"#, #"a\\b"#),
        // Markup that breaks off is text.
        (#"\.br"#, #"\.br"#),
    ])
    func escapesAreResolved(_ sent: String, _ expected: String) throws {
        #expect(try text(sent) == expected)
    }

    @Test func aFormattingRunIsBounded() throws {
        #expect(try text(#"a\.sp99999999999999999999\b"#).count == 22)
    }

    @Test func controlCharactersAndBlanksAtTheEndAreDropped() throws {
        #expect(try text("a\u{0}\u{7}b\tc\u{7F}  \t") == "ab\tc")
        #expect(try text("  a") == "  a")
        #expect(try HL7Message(Array(#"MSH|^~\&| x "#.utf8)).header.field(3).trimmed.elementsEqual("x".utf8))
    }

    @Test func unescapedSeparatorsOfAFreeTextStay() throws {
        #expect(try text("Smith & Sons ^ Co") == "Smith & Sons ^ Co")
    }

    @Test(
        arguments: [
            ("", [0x4D, 0xFC, 0x6C], "Mül"), ("ASCII", [0x4D, 0xFC, 0x6C], "Mül"),
            ("", [0x4D, 0xC3, 0xBC, 0x6C], "Mül"),
            ("8859/1", [0xC3, 0xBC, 0x80, 0x92], "Ã¼€’"), ("ISO-8859-1", [0xE9], "é"),
            ("windows-1252", [0x81], "\u{FFFD}"),
            ("8859/15", [0xA4, 0xBD, 0xE9, 0x80], "€œé€"),
            ("UNICODE UTF-8", [0xF0, 0x9F, 0x98, 0x80], "😀"), ("utf8", [0xC3, 0xA9], "é"),
            ("UNICODE", [0xC3, 0xA9], "é"), ("UNICODE UTF-8~ISO IR87", [0xC3, 0xA9], "é"),
        ] as [(String, [UInt8], String)])
    func theCharacterSetIsHonoured(_ charset: String, _ bytes: [UInt8], _ expected: String) throws {
        #expect(try text(bytes, charset: charset) == expected)
    }

    @Test func escapedBytesAreOfTheCharacterSet() throws {
        #expect(try text(#"\XC3A9\"#, charset: "UNICODE UTF-8") == "é")
        #expect(try text(#"\XE9\"#, charset: "8859/1") == "é")
        // Broken by the sender: shown as such, and the rest is whole.
        #expect(try text(#"\XE9\x"#, charset: "UNICODE UTF-8") == "\u{FFFD}x")
    }

    @Test(arguments: ["8859/2", "GB 18030-2000", "ISO IR87", "code1~code2", "BIG-5"])
    func otherCharacterSetsAreRefused(_ name: String) {
        #expect {
            try text("x", charset: name)
        } throws: { error in
            let fault = error as? HL7Error
            return fault?.code == .charset && fault?.path == "MSH-18" && fault?.offset == 24
                && fault?.reason.contains("UNICODE UTF-8") == true
        }
    }

    @Test func bytesThatAreNotOfTheirCharacterSetAreRefusedWithTheirPlace() {
        for broken: [UInt8] in [
            [0xFC], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82],
        ] {
            #expect {
                try text([0x61] + broken, charset: "UNICODE UTF-8")
            } throws: { error in
                let fault = error as? HL7Error
                return fault?.code == .charset && fault?.offset == 47
            }
        }
    }

    @Test(arguments: [(2, true), (2, false), (4, true), (4, false)])
    func widerUnitsAreReadToo(_ width: Int, _ bigEndian: Bool) throws {
        func wide(_ text: String) -> [UInt8] {
            let units = width == 2 ? text.utf16.map { UInt32($0) } : text.unicodeScalars.map(\.value)
            return units.flatMap { unit -> [UInt8] in
                let bytes = (0..<width).map { UInt8(truncatingIfNeeded: unit >> UInt32($0 * 8)) }
                return bigEndian ? bytes.reversed() : bytes
            }
        }
        let text = #"MSH|^~\&|LAB"# + "\rOBX|é€😀"
        for mark in ["", "\u{FEFF}"] {
            let message = try HL7Message(wide(mark + text))
            #expect(message.segment(1).field(1).string == "é€😀" && message.charset == .utf8)
            #expect(HL7File.isHL7(wide(mark + text)) && HL7File(wide(mark + text)).messages.count == 1)
        }
        let whole = wide(text)
        #expect(throws: HL7Error.self) { try HL7Message(Array(whole.dropLast())) }
        let lone = width == 2 ? wide(text).map { $0 } + (bigEndian ? [0xD8, 0x00] : [0x00, 0xD8]) : nil
        if let lone { #expect(throws: HL7Error.self) { try HL7Message(lone) } }
    }
}
