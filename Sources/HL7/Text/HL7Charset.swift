/// How a message's bytes beyond ASCII are read.
public enum HL7Charset: String, Hashable, Sendable, CaseIterable {
    /// MSH-18 is empty, or says ASCII: UTF-8 where the bytes are that, else as `latin1`.
    case unsaid
    case utf8
    /// ISO 8859-1, read as Windows-1252: who declares the one sends the other, and the control characters where they differ mean
    /// nothing in a message.
    case latin1
    /// ISO 8859-15.
    case latin9

    /// What a name of MSH-18 (table 0211, and names in use) stands for.
    ///
    /// - Throws: `charset` for one that is not taken.
    static func declared(_ name: [UInt8], at offset: Int) throws(HL7Error) -> HL7Charset {
        // `ISO 8859/1`, `8859-1` and `ISO8859_1` are one name.
        let plain = name.filter(HL7Separators.isLetterOrDigit).map { $0 >= 0x61 ? $0 - 0x20 : $0 }
        switch String(decoding: plain, as: UTF8.self) {
        case "", "ASCII", "USASCII": return .unsaid
        case "UTF8", "UNICODE", "UNICODEUTF8", "UNICODEUTF16", "UNICODEUTF32", "UTF16", "UTF32": return .utf8
        case "88591", "ISO88591", "LATIN1", "WINDOWS1252", "CP1252", "1252": return .latin1
        case "885915", "ISO885915", "LATIN9": return .latin9
        default:
            throw HL7Error(
                .charset, path: "MSH-18", offset: offset,
                """
                the character set "\(String(decoding: name.prefix(40), as: UTF8.self))" is not taken: send UNICODE UTF-8, 8859/1, \
                8859/15 or ASCII
                """)
        }
    }

    /// The offset of the first byte that is not of valid UTF-8.
    static func firstInvalid(_ bytes: [UInt8]) -> Int? {
        let raw = bytes.span.bytes
        var i = 0
        while i < bytes.count {
            if i + 8 <= bytes.count, HL7Bytes.word(raw, i) & HL7Bytes.highs == 0 {
                i += 8
                continue
            }
            let lead = HL7Bytes.byte(raw, i)
            if lead < 0x80 {
                i += 1
                continue
            }
            guard let length = sequence(raw, i, lead) else { return i }
            i += length
        }
        return nil
    }

    /// The length of the UTF-8 sequence at `i` (Unicode table 3-7: no overlong forms, no surrogates); nil where it is none.
    private static func sequence(_ raw: RawSpan, _ i: Int, _ lead: UInt8) -> Int? {
        let length: Int
        var (low, high): (UInt8, UInt8) = (0x80, 0xBF)
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { low = 0xA0 }
            if lead == 0xED { high = 0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { low = 0x90 }
            if lead == 0xF4 { high = 0x8F }
        default: return nil
        }
        guard i + length <= raw.byteCount else { return nil }
        for k in 1..<length {
            guard (low...high).contains(HL7Bytes.byte(raw, i + k)) else { return nil }
            (low, high) = (0x80, 0xBF)
        }
        return length
    }

    /// The character that a byte from 0x80 on stands for, outside UTF-8.
    func scalar(_ byte: UInt8) -> Unicode.Scalar {
        if byte < 0xA0 { return Self.windows[Int(byte) - 0x80] }
        if self == .latin9, let other = Self.euro[byte] { return other }
        return Unicode.Scalar(byte)
    }

    /// Windows-1252 from 0x80 to 0x9F; five bytes mean nothing.
    private static let windows: [Unicode.Scalar] = Array(
        "€\u{FFFD}‚ƒ„…†‡ˆ‰Š‹Œ\u{FFFD}Ž\u{FFFD}\u{FFFD}‘’“”•–—˜™š›œ\u{FFFD}žŸ".unicodeScalars)

    /// Where ISO 8859-15 is not ISO 8859-1.
    private static let euro: [UInt8: Unicode.Scalar] = [
        0xA4: "€", 0xA6: "Š", 0xA8: "š", 0xB4: "Ž", 0xB8: "ž", 0xBC: "Œ", 0xBD: "œ", 0xBE: "Ÿ",
    ]
}
