import Wire

/// An NHS number whose check digit holds (NHS Data Dictionary: ten digits, weights 10…2, modulus 11).
public struct NHSNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The ten digits as a number, leading zeros dropped.
    public let value: UInt64

    /// Reads ten digits; single spaces and hyphens between digits are dropped (`987-654-3210`, `987 654
    /// 3210`).
    ///
    /// - Returns: nil for any other text, and for a number whose check digit does not hold.
    public init?(_ text: some StringProtocol) { self.init(bytes: text.utf8) }

    /// The same for bytes of UTF-8.
    public init?(bytes: some Sequence<UInt8>) {
        var value: UInt64 = 0
        var count = 0
        var afterDigit = false
        for byte in bytes {
            switch byte {
            case 0x30...0x39:
                count += 1
                if count > 10 { return nil }
                value = value * 10 + UInt64(byte - 0x30)
                afterDigit = true
            case 0x20, 0x2D:
                if !afterDigit { return nil }
                afterDigit = false
            default: return nil
            }
        }
        guard count == 10, afterDigit else { return nil }
        self.init(value: value)
    }

    /// - Returns: nil where the number has more than ten digits or its check digit does not hold.
    public init?(value: UInt64) {
        guard value <= 9_999_999_999 else { return nil }
        var rest = value / 10
        var sum: UInt64 = 0
        for weight in UInt64(2)...10 {
            sum += rest % 10 * weight
            rest /= 10
        }
        let check = (11 - sum % 11) % 11
        guard check != 10, check == value % 10 else { return nil }
        self.value = value
    }

    /// One digit ten times over: it passes the sum, and names nobody. Kept as text, never linked.
    public var isPlaceholder: Bool { value.isMultiple(of: 1_111_111_111) }

    /// Numbers beginning with 9 are for testing.
    public var isTest: Bool { value >= 9_000_000_000 }

    /// Ten digits, leading zeros kept, without spaces.
    public var description: String {
        let digits = String(value)
        return String(repeating: "0", count: 10 - digits.utf8.count) + digits
    }

    public static func < (a: NHSNumber, b: NHSNumber) -> Bool { a.value < b.value }

    public func encode(into out: inout ByteWriter) { out.varint(value) }

    public init(from reader: inout ByteReader) throws(WireError) {
        guard let number = NHSNumber(value: try reader.varint()) else {
            throw WireError(.invalid, at: reader.offset, what: "NHS number")
        }
        self = number
    }
}
