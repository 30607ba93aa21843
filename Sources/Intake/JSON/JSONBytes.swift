/// The inner loops of the scanner: eight bytes at a time where it can, every load checked against the bytes'
/// end.
enum JSONBytes {
    static let quote = UInt8(ascii: "\"")
    static let backslash = UInt8(ascii: "\\")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let openBracket = UInt8(ascii: "[")
    static let closeBracket = UInt8(ascii: "]")
    static let colon = UInt8(ascii: ":")
    static let comma = UInt8(ascii: ",")

    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080

    @inline(__always) static func byte(_ raw: RawSpan, _ i: Int) -> UInt8 {
        raw.unsafeLoad(fromByteOffset: i, as: UInt8.self)
    }

    /// The eight bytes from `i`, the first in the lowest bits. `i + 8` must not pass the end: that traps.
    @inline(__always) static func word(_ raw: RawSpan, _ i: Int) -> UInt64 {
        UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self))
    }

    /// Up to eight bytes from `i`, the first in the lowest bits, the missing ones zero.
    @inline(__always) static func word(_ raw: RawSpan, _ i: Int, count: Int) -> UInt64 {
        if i + 8 <= raw.byteCount {
            return count >= 8 ? word(raw, i) : word(raw, i) & ((1 << UInt64(count * 8)) &- 1)
        }
        var value: UInt64 = 0
        for k in 0..<min(8, count) { value |= UInt64(byte(raw, i + k)) << UInt64(k * 8) }
        return value
    }

    static func array(_ raw: RawSpan, _ range: Range<Int>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        for i in range { out.append(byte(raw, i)) }
        return out
    }

    static func first(_ value: UInt8, _ raw: RawSpan, _ range: Range<Int>) -> Int? {
        for i in range where byte(raw, i) == value { return i }
        return nil
    }

    /// The first offset from `i` on that is not white space, or the end.
    @inline(__always) static func skipSpace(_ raw: RawSpan, _ start: Int) throws(JSONFault) -> Int {
        let count = raw.byteCount
        var i = start
        while i < count {
            let c = byte(raw, i)
            if c > 0x20 { return i }
            guard c == 0x20 || c == 0x0A || c == 0x0D || c == 0x09 else {
                throw JSONFault(code: .unexpected, at: i)
            }
            i += 1
            // Indentation: runs of spaces.
            while i + 8 <= count {
                let difference = word(raw, i) ^ (0x20 &* ones)
                if difference == 0 {
                    i += 8
                } else {
                    i += difference.trailingZeroBitCount >> 3
                    break
                }
            }
        }
        return i
    }

    /// The end (after the closing quote) of the string whose first inner byte is at `start`.
    @inline(__always)
    static func string(_ raw: RawSpan, _ start: Int) throws(JSONFault) -> (end: Int, isEscaped: Bool) {
        let count = raw.byteCount
        var i = start
        while i + 8 <= count {
            let special = specials(word(raw, i))
            if special == 0 {
                i += 8
                continue
            }
            i += special.trailingZeroBitCount >> 3
            if byte(raw, i) == quote { return (i + 1, false) }
            break
        }
        return try stringSlowly(raw, i)
    }

    /// A high bit for each byte that is a quote, a backslash, a control character or not ASCII; bits above
    /// the lowest may be false (borrows run upwards), the lowest is exact.
    @inline(__always) private static func specials(_ w: UInt64) -> UInt64 {
        let quotes = w ^ (0x22 &* ones)
        let slashes = w ^ (0x5C &* ones)
        let hits =
            ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes) | ((w &- 0x20 &* ones) & ~w) | w
        return hits & highs
    }

    /// Not zero where a byte of the word is a quote, a backslash or a control character; never for others, whatever their order.
    @inline(__always) static func escapes(_ w: UInt64) -> UInt64 {
        // With one bit turned a quote is 0x20, control characters stay below it, and nothing else comes there.
        let low = w ^ (0x02 &* ones)
        let slashes = w ^ (0x5C &* ones)
        return (((low &- 0x21 &* ones) & ~low) | ((slashes &- ones) & ~slashes)) & highs
    }

    @inline(never)
    private static func stringSlowly(
        _ raw: RawSpan, _ start: Int
    ) throws(JSONFault) -> (end: Int, isEscaped: Bool) {
        let count = raw.byteCount
        var i = start
        var isEscaped = false
        while i < count {
            if i + 8 <= count {
                let special = specials(word(raw, i))
                if special == 0 {
                    i += 8
                    continue
                }
                i += special.trailingZeroBitCount >> 3
            }
            let c = byte(raw, i)
            if c == quote { return (i + 1, isEscaped) }
            if c == backslash {
                isEscaped = true
                i = try escape(raw, i)
            } else if c < 0x20 {
                throw JSONFault(code: .controlCharacter, at: i)
            } else if c < 0x80 {
                i += 1
            } else {
                i = try multibyte(raw, i, c)
            }
        }
        throw JSONFault(code: .truncated, at: count)
    }

    /// The end of the escape at `i`; a high surrogate takes its low one with it, and none stands alone.
    private static func escape(_ raw: RawSpan, _ i: Int) throws(JSONFault) -> Int {
        guard i + 1 < raw.byteCount else { throw JSONFault(code: .truncated, at: raw.byteCount) }
        switch byte(raw, i + 1) {
        case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return i + 2
        case 0x75:
            let unit = try unicode(raw, i)
            if unit & 0xFC00 == 0xDC00 { throw JSONFault(code: .badEscape, at: i) }
            if unit & 0xFC00 != 0xD800 { return i + 6 }
            for (k, expected) in [(i + 6, backslash), (i + 7, 0x75)] {
                guard k < raw.byteCount else { throw JSONFault(code: .truncated, at: k) }
                guard byte(raw, k) == expected else { throw JSONFault(code: .badEscape, at: i) }
            }
            guard try unicode(raw, i + 6) & 0xFC00 == 0xDC00 else { throw JSONFault(code: .badEscape, at: i) }
            return i + 12
        default: throw JSONFault(code: .badEscape, at: i)
        }
    }

    /// The four hexadecimal digits of the `\u` at `i`.
    static func unicode(_ raw: RawSpan, _ i: Int) throws(JSONFault) -> UInt32 {
        guard i + 6 <= raw.byteCount else { throw JSONFault(code: .truncated, at: raw.byteCount) }
        var unit: UInt32 = 0
        for k in i + 2..<i + 6 {
            let c = byte(raw, k)
            switch c {
            case 0x30...0x39: unit = unit << 4 | UInt32(c - 0x30)
            case 0x41...0x46: unit = unit << 4 | UInt32(c - 0x37)
            case 0x61...0x66: unit = unit << 4 | UInt32(c - 0x57)
            default: throw JSONFault(code: .badEscape, at: i)
            }
        }
        return unit
    }

    /// The end of the UTF-8 sequence at `i` (Unicode table 3-7: no overlong forms, no surrogates).
    private static func multibyte(_ raw: RawSpan, _ i: Int, _ lead: UInt8) throws(JSONFault) -> Int {
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
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
        default: throw JSONFault(code: .charset, at: i)
        }
        for k in 1..<length {
            guard i + k < raw.byteCount else { throw JSONFault(code: .truncated, at: raw.byteCount) }
            let c = byte(raw, i + k)
            guard c >= low, c <= high else { throw JSONFault(code: .charset, at: i) }
            (low, high) = (0x80, 0xBF)
        }
        return i + length
    }
}
