/// An ISO 8601 duration (`P84D`, `PT1H`, `P1Y6M`): calendar months and days, and exact seconds.
///
/// Days are calendar days in the store's zone, so a length in seconds exists only once a start is known
/// (`StoreCalendar.end`).
public struct CalendarDuration: Hashable, Sendable, CustomStringConvertible {
    public let months: Int
    public let days: Int
    public let seconds: Int
    /// Whether it was written with hours, minutes or seconds: such a duration ends at an instant, any other at
    /// the end of a day.
    public let hasTime: Bool
    /// Exactly as written.
    public let description: String

    /// Years, the longest duration read.
    public static let maximumYears = 1000
    /// Bytes of the text.
    public static let maximumBytes = 64

    /// Reads `P[nY][nM][nW][nD][T[nH][nM][nS]]` with whole numbers.
    ///
    /// - Returns: nil for any other text, for a part given twice or out of order, and beyond `maximumYears`.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumBytes, bytes.count >= 3, bytes[0] == UInt8(ascii: "P") else {
            return nil
        }
        var total = (months: 0, days: 0, seconds: 0)
        var inTime = false
        var lastRank = -1
        var i = 1
        while i < bytes.count {
            if bytes[i] == UInt8(ascii: "T") {
                guard !inTime, i + 1 < bytes.count else { return nil }
                inTime = true
                i += 1
            }
            var number = 0
            let start = i
            while i < bytes.count, bytes[i] >= 0x30, bytes[i] <= 0x39 {
                number = number * 10 + Int(bytes[i] - 0x30)
                guard number <= Self.maximumYears * 366 * 86_400 else { return nil }
                i += 1
            }
            guard i > start, i < bytes.count, let rank = Self.rank(bytes[i], inTime), rank > lastRank else {
                return nil
            }
            lastRank = rank
            i += 1
            switch rank {
            case 0: total.months += number * 12
            case 1: total.months += number
            case 2: total.days += number * 7
            case 3: total.days += number
            case 4: total.seconds += number * 3600
            case 5: total.seconds += number * 60
            default: total.seconds += number
            }
        }
        let years = total.months / 12 + total.days / 366 + total.seconds / (366 * 86_400)
        guard years < Self.maximumYears else { return nil }
        (months, days, seconds, hasTime, description) = (
            total.months, total.days, total.seconds, inTime, text
        )
    }

    private static func rank(_ letter: UInt8, _ inTime: Bool) -> Int? {
        switch (letter, inTime) {
        case (UInt8(ascii: "Y"), false): 0
        case (UInt8(ascii: "M"), false): 1
        case (UInt8(ascii: "W"), false): 2
        case (UInt8(ascii: "D"), false): 3
        case (UInt8(ascii: "H"), true): 4
        case (UInt8(ascii: "M"), true): 5
        case (UInt8(ascii: "S"), true): 6
        default: nil
        }
    }

    /// Equal where the lengths are: `P1W` is `P7D`.
    public static func == (a: CalendarDuration, b: CalendarDuration) -> Bool {
        (a.months, a.days, a.seconds) == (b.months, b.days, b.seconds) && a.hasTime == b.hasTime
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(months)
        hasher.combine(days)
        hasher.combine(seconds)
    }
}
