/// How characters are laid out in bytes: one byte for each of ASCII, or units of two or four.
enum HL7Encoding: Hashable, Sendable {
    case bytes
    case utf16(bigEndian: Bool)
    case utf32(bigEndian: Bool)

    /// By a byte-order mark, or by the zeros in the first characters, which are ASCII.
    init(sniffing bytes: [UInt8]) {
        let b = Array(bytes.prefix(4))
        switch (b.count, b.first) {
        case (4..., 0x00) where b[1] == 0 && b[2] == 0xFE && b[3] == 0xFF,
            (4..., 0x00) where b[1] == 0 && b[2] == 0 && b[3] != 0:
            self = .utf32(bigEndian: true)
        case (4..., 0xFF) where b[1] == 0xFE && b[2] == 0 && b[3] == 0,
            (4..., 0x4D) where b[1] == 0 && b[2] == 0 && b[3] == 0:
            self = .utf32(bigEndian: false)
        case (2..., 0xFE) where b[1] == 0xFF, (2..., 0x00) where b[1] != 0: self = .utf16(bigEndian: true)
        case (2..., 0xFF) where b[1] == 0xFE, (2..., 0x4D) where b[1] == 0: self = .utf16(bigEndian: false)
        default: self = .bytes
        }
    }

    /// The bytes as they are, or the UTF-8 of the same characters.
    ///
    /// - Throws: `charset` where the units make no characters.
    func utf8(_ bytes: [UInt8]) throws(HL7Error) -> [UInt8] {
        switch self {
        case .bytes: bytes
        case .utf16(let bigEndian):
            try Self.transcoded(bytes, width: 2, bigEndian, UTF16.self) { UInt16(truncatingIfNeeded: $0) }
        case .utf32(let bigEndian): try Self.transcoded(bytes, width: 4, bigEndian, UTF32.self) { $0 }
        }
    }

    private static func transcoded<Codec: UnicodeCodec>(
        _ bytes: [UInt8], width: Int, _ bigEndian: Bool, _ codec: Codec.Type,
        _ unit: (UInt32) -> Codec.CodeUnit
    ) throws(HL7Error) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var units: [Codec.CodeUnit] = []
        units.reserveCapacity(bytes.count / width)
        for start in stride(from: 0, to: bytes.count - bytes.count % width, by: width) {
            units.append(
                unit(
                    (0..<width).reduce(UInt32(0)) { value, k in
                        value << 8 | UInt32(bytes[start + (bigEndian ? k : width - 1 - k)])
                    }))
        }
        let failed = transcode(units.makeIterator(), from: codec, to: UTF8.self, stoppingOnError: true) {
            out.append($0)
        }
        if failed || bytes.count % width != 0 {
            throw HL7Error(
                .charset, offset: out.count,
                "the bytes look like UTF-\(width * 8), and are not: it breaks off after \(out.count) bytes of text; send UTF-8"
            )
        }
        return out
    }

    /// Bytes of a UTF-8 byte-order mark before the text.
    static func byteOrderMark(_ bytes: [UInt8]) -> Int { bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0 }
}
