/// Instants as text: RFC 3339, always written in UTC with `Z` and microseconds only where there are any.
extension Instant: CustomStringConvertible {
    /// What text there is: an instant of no four-digit year, which only damage or a sentinel is, as its number.
    public var description: String {
        Self.written.contains(microseconds) ? rfc3339 : "\(microseconds) microseconds"
    }

    /// The years 0000 to 9999.
    private static let written: ClosedRange<Int64> = -62_167_219_200_000_000...253_402_300_799_999_999

    /// `2018-02-01T09:30:00Z`, or with six fraction digits where the instant is not a whole second. Instants outside the years
    /// 0000 to 9999 are written as the nearest inside.
    public var rfc3339: String { String(decoding: rfc3339Bytes, as: UTF8.self) }

    public var rfc3339Bytes: [UInt8] {
        var out: [UInt8] = []
        appendRFC3339(to: &out)
        return out
    }

    /// The most bytes that an instant is written in.
    public static let rfc3339Length = 27

    public func appendRFC3339(to out: inout [UInt8]) {
        out.append(room: Self.rfc3339Length) { $0.append(self) }
    }

    /// - Parameter out: room for `rfc3339Length` bytes.
    /// - Returns: how many were written.
    func writeRFC3339(to out: UnsafeMutableRawPointer) -> Int {
        // Every item of an answer has one: numbers without signs, whose divisions are multiplications.
        let clamped = min(max(microseconds, Self.written.lowerBound), Self.written.upperBound)
        let since = UInt64(bitPattern: clamped &- Self.written.lowerBound)
        let seconds = since / 1_000_000
        let fraction = UInt32(truncatingIfNeeded: since &- seconds &* 1_000_000)
        let day = seconds / 86_400
        let ofDay = UInt32(truncatingIfNeeded: seconds &- day &* 86_400)
        let minutes = ofDay / 60
        Self.write(dayOfYearZero: UInt32(truncatingIfNeeded: day), to: out)
        Self.two(minutes / 60, out, 11, then: 0x3A)
        Self.two(minutes % 60, out, 14, then: 0x3A)
        guard fraction != 0 else {
            Self.two(ofDay &- minutes &* 60, out, 17, then: 0x5A)
            return 20
        }
        Self.two(ofDay &- minutes &* 60, out, 17, then: 0x2E)
        let high = fraction / 10_000
        let low = fraction &- high &* 10_000
        Self.two(high, out, 20)
        Self.two(low / 100, out, 22)
        Self.two(low % 100, out, 24, then: 0x5A)
        return Self.rfc3339Length
    }

    /// Writes `2018-02-01T`. Days to civil after Cassio Neri and Lorenz Schneider, "Euclidean affine functions and their application to
    /// calendar algorithms" (2022): years begin in March, so that the leap day is a year's last.
    ///
    /// - Parameter dayOfYearZero: days since 0000-01-01.
    @inline(__always)
    private static func write(dayOfYearZero: UInt32, to out: UnsafeMutableRawPointer) {
        // Days since 0000-03-01, and an era of 400 years more.
        let centuries = 4 &* (dayOfYearZero &+ 146_097 &- 60) &+ 3
        let century = centuries / 146_097
        let ofCentury = 4 &* ((centuries &- century &* 146_097) / 4) &+ 3
        let product = 2_939_745 &* UInt64(ofCentury)
        let yearOfCentury = UInt32(truncatingIfNeeded: product >> 32)
        let ofYear = UInt32(truncatingIfNeeded: product) / 2_939_745 / 4
        let months = 2_141 &* ofYear &+ 197_913
        let isNext = ofYear >= 306
        let year = 100 &* century &+ yearOfCentury &+ (isNext ? 1 : 0) &- 400
        two(year / 100, out, 0)
        two(year % 100, out, 2, then: 0x2D)
        two((months >> 16) &- (isNext ? 12 : 0), out, 5, then: 0x2D)
        two((months & 0xFFFF) / 2_141 &+ 1, out, 8, then: 0x54)
    }

    /// - Parameter value: under 100.
    @inline(__always)
    private static func two(_ value: UInt32, _ out: UnsafeMutableRawPointer, _ place: Int) {
        let tens = (value &* 103) >> 10
        let digits = (0x30 &+ tens) | (0x30 &+ value &- tens &* 10) << 8
        out.storeBytes(
            of: UInt16(truncatingIfNeeded: digits).littleEndian, toByteOffset: place, as: UInt16.self)
    }

    @inline(__always)
    private static func two(
        _ value: UInt32, _ out: UnsafeMutableRawPointer, _ place: Int, then mark: UInt8
    ) {
        two(value, out, place)
        out.storeBytes(of: mark, toByteOffset: place &+ 2, as: UInt8.self)
    }

    /// Parses a full RFC 3339 date-time with `Z` or an offset (section 5.6); fraction digits past the sixth are
    /// cut off, and a leap second `:60` counts as the next second's start.
    ///
    /// - Returns: nil where the text is anything else, a bare date included.
    public init?(rfc3339 text: some Sequence<UInt8>) {
        let b = Array(text)
        guard b.count >= 20, let date = CivilDate(Array(b[0..<10])) else { return nil }
        guard b[10] == UInt8(ascii: "T") || b[10] == UInt8(ascii: "t") else { return nil }
        guard let hour = Self.two(b, 11), b[13] == 0x3A, let minute = Self.two(b, 14), b[16] == 0x3A,
            let second = Self.two(b, 17), hour < 24, minute < 60, second <= 60
        else { return nil }
        var i = 19
        var fraction: Int64 = 0
        if b[i] == UInt8(ascii: ".") {
            i += 1
            let start = i
            var scale: Int64 = 100_000
            while i < b.count, b[i] >= 0x30, b[i] <= 0x39 {
                fraction += Int64(b[i] - 0x30) * scale
                scale /= 10
                i += 1
            }
            if i == start { return nil }
        }
        guard i < b.count else { return nil }
        var offset: Int64 = 0
        if b[i] == UInt8(ascii: "Z") || b[i] == UInt8(ascii: "z") {
            guard i + 1 == b.count else { return nil }
        } else {
            guard b[i] == 0x2B || b[i] == 0x2D, i + 6 == b.count, let oh = Self.two(b, i + 1),
                b[i + 3] == 0x3A,
                let om = Self.two(b, i + 4), oh < 24, om < 60
            else { return nil }
            offset = (oh * 3600 + om * 60) * (b[i] == 0x2D ? -1 : 1)
        }
        let seconds = date.daysSinceEpoch * 86_400 + hour * 3600 + minute * 60 + second - offset
        self.init(microseconds: seconds * 1_000_000 + fraction)
    }

    public init?(rfc3339 text: String) { self.init(rfc3339: text.utf8) }

    private static func two(_ b: [UInt8], _ i: Int) -> Int64? {
        guard i + 1 < b.count, b[i] >= 0x30, b[i] <= 0x39, b[i + 1] >= 0x30, b[i + 1] <= 0x39 else {
            return nil
        }
        return Int64(b[i] - 0x30) * 10 + Int64(b[i + 1] - 0x30)
    }

    static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let q = a / b
        return (a % b != 0 && (a < 0) != (b < 0)) ? q - 1 : q
    }

    static func append(_ value: Int64, digits: Int, to out: inout [UInt8]) {
        var scale: Int64 = 1
        for _ in 1..<digits { scale *= 10 }
        while scale > 0 {
            out.append(UInt8(0x30 + value / scale % 10))
            scale /= 10
        }
    }
}
