/// A day of the proleptic Gregorian calendar, without a zone. Never shifted by one: a birth date is a civil date.
public struct CivilDate: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var year: Int
    public var month: Int
    public var day: Int

    /// - Returns: nil for a day that is not in the calendar, or a year outside 1...9999.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(inMonth: month, year: year)
        else { return nil }
        (self.year, self.month, self.day) = (year, month, day)
    }

    /// Parses exactly `YYYY-MM-DD`.
    public init?(_ text: [UInt8]) {
        guard text.count == 10, text[4] == 0x2D, text[7] == 0x2D else { return nil }
        var numbers = [0, 0, 0]
        for (index, range) in [0..<4, 5..<7, 8..<10].enumerated() {
            for i in range {
                guard text[i] >= 0x30, text[i] <= 0x39 else { return nil }
                numbers[index] = numbers[index] * 10 + Int(text[i] - 0x30)
            }
        }
        self.init(year: numbers[0], month: numbers[1], day: numbers[2])
    }

    public init?(_ text: String) { self.init(Array(text.utf8)) }

    /// The civil date that many days after 1970-01-01 (days before it are negative). Years outside 1...9999
    /// come out as they are, for printing only.
    public init(daysSinceEpoch: Int64) {
        // Days to civil, after Howard Hinnant's public description of the algorithm: eras of 400 years from
        // 0000-03-01, so that the leap day is an era's last.
        let z = daysSinceEpoch + 719_468
        let era = Instant.floorDivide(z, 146_097)
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let m = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * m + 2) / 5 + 1)
        month = Int(m < 10 ? m + 3 : m - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }

    public var daysSinceEpoch: Int64 {
        let y = Int64(month <= 2 ? year - 1 : year)
        let era = Instant.floorDivide(y, 400)
        let yearOfEra = y - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    public func adding(days: Int) -> CivilDate { CivilDate(daysSinceEpoch: daysSinceEpoch + Int64(days)) }

    public static func < (a: CivilDate, b: CivilDate) -> Bool {
        (a.year, a.month, a.day) < (b.year, b.month, b.day)
    }

    public var description: String {
        var out: [UInt8] = []
        append(to: &out)
        return String(decoding: out, as: UTF8.self)
    }

    func append(to out: inout [UInt8]) {
        Instant.append(Int64(max(0, year)), digits: 4, to: &out)
        out.append(UInt8(ascii: "-"))
        Instant.append(Int64(month), digits: 2, to: &out)
        out.append(UInt8(ascii: "-"))
        Instant.append(Int64(day), digits: 2, to: &out)
    }

    static func days(inMonth month: Int, year: Int) -> Int {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
