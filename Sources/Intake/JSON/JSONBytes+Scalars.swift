extension JSONBytes {
    /// A number or one of the three names, at `i`.
    @inline(__always)
    static func scalar(
        _ raw: RawSpan, _ i: Int, _ first: UInt8
    ) throws(JSONFault) -> (end: Int, kind: JSONToken.Kind) {
        switch first {
        case 0x2D, 0x30...0x39: (try number(raw, i), .number)
        case UInt8(ascii: "t"): (try literal(raw, i, 0x6575_7274, count: 4), .true)
        case UInt8(ascii: "f"): (try literal(raw, i, 0x65_736C_6166, count: 5), .false)
        case UInt8(ascii: "n"): (try literal(raw, i, 0x6C6C_756E, count: 4), .null)
        default: throw JSONFault(code: .unexpected, at: i)
        }
    }

    /// The end of a name of four or five letters, given as a word with its first letter in the lowest bits.
    private static func literal(
        _ raw: RawSpan, _ start: Int, _ name: UInt64, count: Int
    ) throws(JSONFault) -> Int {
        let there = min(count, raw.byteCount - start)
        let mask: UInt64 = (1 << UInt64(there * 8)) - 1
        guard word(raw, start, count: there) == name & mask else {
            throw JSONFault(code: .unexpected, at: start)
        }
        guard there == count else { throw JSONFault(code: .truncated, at: raw.byteCount) }
        return start + count
    }

    /// The end of the number at `start` (RFC 8259 section 6).
    private static func number(_ raw: RawSpan, _ start: Int) throws(JSONFault) -> Int {
        var i = start
        if byte(raw, i) == 0x2D { i += 1 }
        guard i < raw.byteCount else { throw JSONFault(code: .truncated, at: i) }
        if byte(raw, i) == 0x30 {
            i += 1
            if i < raw.byteCount, isDigit(byte(raw, i)) { throw JSONFault(code: .badNumber, at: start) }
        } else {
            i = try digits(raw, i, start)
        }
        if i < raw.byteCount, byte(raw, i) == UInt8(ascii: ".") { i = try digits(raw, i + 1, start) }
        if i < raw.byteCount, byte(raw, i) | 0x20 == UInt8(ascii: "e") {
            i += 1
            if i < raw.byteCount, byte(raw, i) == 0x2B || byte(raw, i) == 0x2D { i += 1 }
            i = try digits(raw, i, start)
        }
        return i
    }

    /// One digit or more.
    private static func digits(_ raw: RawSpan, _ from: Int, _ start: Int) throws(JSONFault) -> Int {
        var i = from
        while i < raw.byteCount, isDigit(byte(raw, i)) { i += 1 }
        if i == from { throw JSONFault(code: i < raw.byteCount ? .badNumber : .truncated, at: i) }
        return i
    }

    @inline(__always) private static func isDigit(_ c: UInt8) -> Bool { c &- 0x30 <= 9 }
}
