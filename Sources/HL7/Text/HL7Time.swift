/// A date or time as HL7 v2 writes it (`DT`, `TM`, `TS`, `DTM`): the digits sent, and no more.
public struct HL7Time: Hashable, Sendable {
    /// How much of it was sent.
    public enum Precision: Int, Hashable, Comparable, Sendable {
        case year, month, day, hour, minute, second

        public static func < (a: Precision, b: Precision) -> Bool { a.rawValue < b.rawValue }
    }

    public var year: Int
    public var month = 1
    public var day = 1
    public var hour = 0
    public var minute = 0
    public var second = 0
    /// Digits after the decimal point of the seconds, as sent; at most six.
    public var fraction: [UInt8] = []
    /// Minutes east of UTC, where the sender says so.
    public var offset: Int?
    public var precision: Precision = .year

    /// Reads `YYYY[MM[DD[HH[MM[SS[.S…]]]]]][+/-ZZZZ]`. A month or day of zeros, and all after it, counts as not sent.
    ///
    /// - Returns: nil for anything else: such a time is left out, and stays readable in the message.
    public init?(_ bytes: some Collection<UInt8>) {
        var digits = HL7Digits(bytes)
        guard let year = digits.take(4), year > 0 else { return nil }
        self.year = year
        guard readDate(&digits), readClock(&digits), readOffset(&digits), digits.isAtEnd else { return nil }
    }

    private mutating func readDate(_ digits: inout HL7Digits) -> Bool {
        guard digits.hasDigit else { return true }
        guard let month = digits.take(2), month <= 12 else { return false }
        if month == 0 { return digits.skipZeros() }
        (self.month, precision) = (month, .month)
        guard digits.hasDigit else { return true }
        guard let day = digits.take(2) else { return false }
        if day == 0 { return digits.skipZeros() }
        guard day <= Self.days(month, year) else { return false }
        (self.day, precision) = (day, .day)
        return true
    }

    private mutating func readClock(_ digits: inout HL7Digits) -> Bool {
        guard precision == .day, digits.hasDigit else { return true }
        guard let hour = digits.take(2), hour < 24 else { return false }
        (self.hour, precision) = (hour, .hour)
        guard digits.hasDigit else { return true }
        guard let minute = digits.take(2), minute < 60 else { return false }
        (self.minute, precision) = (minute, .minute)
        guard digits.hasDigit else { return true }
        // A leap second is the minute's last.
        guard let second = digits.take(2), second <= 60 else { return false }
        (self.second, precision) = (min(second, 59), .second)
        if digits.take(UInt8(ascii: ".")) { fraction = digits.run(atMost: 6) }
        return true
    }

    private mutating func readOffset(_ digits: inout HL7Digits) -> Bool {
        if digits.isAtEnd { return true }
        let sign: Int
        if digits.take(UInt8(ascii: "+")) {
            sign = 1
        } else if digits.take(UInt8(ascii: "-")) {
            sign = -1
        } else {
            return false
        }
        guard let hours = digits.take(2), hours <= 14, let minutes = digits.take(2), minutes < 60 else {
            return false
        }
        offset = sign * (hours * 60 + minutes)
        return true
    }

    private static func days(_ month: Int, _ year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

/// A time of day (`TM`).
public struct HL7Clock: Hashable, Sendable {
    public var hour: Int
    public var minute = 0
    public var second = 0
    public var fraction: [UInt8] = []

    /// Reads `HH[MM[SS[.S…]]]`; an offset after it is passed over.
    public init?(_ bytes: some Collection<UInt8>) {
        guard let time = HL7Time(Array("20000101".utf8) + bytes), time.precision >= .hour else { return nil }
        (hour, minute, second, fraction) = (time.hour, time.minute, time.second, time.fraction)
    }
}

/// Digits taken from the front.
struct HL7Digits {
    private let bytes: [UInt8]
    private var at = 0

    init(_ bytes: some Collection<UInt8>) { self.bytes = Array(bytes.prefix(64)) }

    var isAtEnd: Bool { at == bytes.count }
    var hasDigit: Bool { at < bytes.count && (0x30...0x39).contains(bytes[at]) }

    mutating func take(_ count: Int) -> Int? {
        guard at + count <= bytes.count else { return nil }
        var value = 0
        for k in at..<at + count {
            guard (0x30...0x39).contains(bytes[k]) else { return nil }
            value = value * 10 + Int(bytes[k] - 0x30)
        }
        at += count
        return value
    }

    mutating func take(_ byte: UInt8) -> Bool {
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    /// A run of digits; those beyond `atMost` are passed over.
    mutating func run(atMost: Int) -> [UInt8] {
        let start = at
        while hasDigit { at += 1 }
        return Array(bytes[start..<at].prefix(atMost))
    }

    /// - Returns: false where a digit that is not zero follows.
    mutating func skipZeros() -> Bool {
        while hasDigit {
            guard bytes[at] == 0x30 else { return false }
            at += 1
        }
        return true
    }
}
