/// The inner loops: eight bytes at a time where they can, every load checked against the bytes' end.
enum HL7Bytes {
    static let cr: UInt8 = 0x0D
    static let lf: UInt8 = 0x0A
    /// MLLP: before a message.
    static let startBlock: UInt8 = 0x0B
    /// MLLP: after it.
    static let endBlock: UInt8 = 0x1C

    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080
    private static let lows: UInt64 = 0x7F7F_7F7F_7F7F_7F7F

    @inline(__always) static func byte(_ raw: RawSpan, _ i: Int) -> UInt8 {
        raw.unsafeLoad(fromByteOffset: i, as: UInt8.self)
    }

    /// The eight bytes from `i`, the first in the lowest bits.
    @inline(__always) static func word(_ raw: RawSpan, _ i: Int) -> UInt64 {
        UInt64(littleEndian: raw.unsafeLoadUnaligned(fromByteOffset: i, as: UInt64.self))
    }

    @inline(__always) static func spread(_ byte: UInt8) -> UInt64 { UInt64(byte) &* ones }

    /// The high bit of each byte that is equal to the one spread over `wanted`, and no other.
    @inline(__always) static func equal(_ word: UInt64, _ wanted: UInt64) -> UInt64 {
        let x = word ^ wanted
        return ~(((x & lows) &+ lows) | x | lows)
    }

    /// The offset of the first carriage return or line feed from `start`, or the end.
    static func lineEnd(_ raw: RawSpan, _ start: Int) -> Int {
        let count = raw.byteCount
        var i = start
        while i + 8 <= count {
            let w = word(raw, i)
            let hits = equal(w, spread(cr)) | equal(w, spread(lf))
            if hits != 0 { return i + (hits.trailingZeroBitCount >> 3) }
            i += 8
        }
        while i < count, byte(raw, i) != cr, byte(raw, i) != lf { i += 1 }
        return i
    }

    /// How often the byte stands in the range.
    static func count(_ value: UInt8, _ raw: RawSpan, _ range: Range<Int>) -> Int {
        var found = 0
        var i = range.lowerBound
        while i + 8 <= range.upperBound {
            found += equal(word(raw, i), spread(value)).nonzeroBitCount
            i += 8
        }
        while i < range.upperBound {
            if byte(raw, i) == value { found += 1 }
            i += 1
        }
        return found
    }

    /// The first offset of the byte in the range, or its end.
    @inline(__always) static func first(_ value: UInt8, _ raw: RawSpan, _ range: Range<Int>) -> Int {
        var i = range.lowerBound
        while i < range.upperBound, byte(raw, i) != value { i += 1 }
        return i
    }

    /// Whether three bytes at `i` are the name.
    @inline(__always) static func isName(_ name: StaticString, _ raw: RawSpan, _ i: Int) -> Bool {
        guard i + 3 <= raw.byteCount, name.utf8CodeUnitCount == 3 else { return false }
        return name.withUTF8Buffer {
            $0[0] == byte(raw, i) && $0[1] == byte(raw, i + 1) && $0[2] == byte(raw, i + 2)
        }
    }

    /// Whether a segment of the name begins at `i`: it, and a character that no name goes on with.
    static func begins(_ name: StaticString, _ raw: RawSpan, _ i: Int) -> Bool {
        guard isName(name, raw, i) else { return false }
        return i + 3 == raw.byteCount || !HL7Separators.isLetterOrDigit(byte(raw, i + 3))
    }

    /// Whether a segment that carries its own separators begins at `i`.
    static func beginsHeader(_ raw: RawSpan, _ i: Int) -> Bool {
        guard i + 4 <= raw.byteCount else { return false }
        return begins("MSH", raw, i) || begins("FHS", raw, i) || begins("BHS", raw, i)
    }
}
