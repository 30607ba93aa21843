import CareRecord
import Wire

/// A day of the simulated five years, counted from its first.
struct Day: Hashable, Comparable, Sendable {
    var index: Int

    /// 1 October 2017.
    static let first = CivilDate(daysSinceEpoch: 17_440)
    /// To 30 September 2022.
    static let count = 1826

    init(_ index: Int) { self.index = index }

    init(_ year: Int, _ month: Int, _ day: Int) {
        let date = CivilDate(year: year, month: month, day: day) ?? Self.first
        index = Int(date.daysSinceEpoch - Self.first.daysSinceEpoch)
    }

    var date: CivilDate { Self.first.adding(days: index) }
    var text: String { date.description }
    /// Without separators, as HL7 v2 has it.
    var digits: String { text.filter { $0 != "-" } }

    /// Monday is 0. 1 October 2017 was a Sunday.
    var weekday: Int { (index + 6) % 7 }
    var isWorkday: Bool { weekday < 5 }

    func adding(_ days: Int) -> Day { Day(index + days) }

    /// The day, or the Monday after it.
    var workday: Day { isWorkday ? self : adding(7 - weekday) }

    /// UTC.
    func at(_ hour: Int, _ minute: Int = 0, _ second: Int = 0) -> Instant {
        Instant(
            microseconds: (date.daysSinceEpoch * 86_400 + Int64(hour * 3600 + minute * 60 + second))
                * 1_000_000)
    }

    static func < (a: Day, b: Day) -> Bool { a.index < b.index }
}

extension Instant {
    func adding(minutes: Int) -> Instant {
        Instant(microseconds: microseconds + Int64(minutes) * 60_000_000)
    }
}
