import Foundation
import Wire

/// Days and durations in the store's time zone.
///
/// A date alone is its day's first microsecond where it begins something and its last where it ends or asks.
public struct StoreCalendar: Hashable, Sendable {
    /// The zone's IANA name, `Europe/London`.
    public let timeZone: String
    private let zone: TimeZone

    public static let london = StoreCalendar(timeZone: "Europe/London") ?? StoreCalendar(zone: .gmt)

    /// - Returns: nil where the name is no IANA zone of this machine's tz database.
    public init?(timeZone: String) {
        guard let zone = TimeZone(identifier: timeZone) else { return nil }
        (self.timeZone, self.zone) = (timeZone, zone)
    }

    private init(zone: TimeZone) { (timeZone, self.zone) = (zone.identifier, zone) }

    /// The day's first microsecond. Where the clocks skip midnight, the first instant after the gap.
    public func start(of date: CivilDate) -> Instant {
        instant(localSeconds: date.daysSinceEpoch * 86_400)
    }

    /// The day's last microsecond.
    public func end(of date: CivilDate) -> Instant {
        Instant(microseconds: start(of: date.adding(days: 1)).microseconds - 1)
    }

    /// The civil day that the instant falls on.
    public func date(of instant: Instant) -> CivilDate {
        CivilDate(daysSinceEpoch: Self.floorDivide(localSeconds(of: instant), 86_400))
    }

    /// The last instant of a period of that length from that start: the end of the day reached for a duration in
    /// days or longer; for one with hours, minutes or seconds, the same time of day on the day reached, and that
    /// exact time later.
    public func end(of duration: CalendarDuration, from start: Instant) -> Instant {
        guard start < .distantFuture else { return start }
        let day = Self.adding(months: duration.months, to: date(of: start)).adding(days: duration.days)
        guard duration.hasTime else { return end(of: day) }
        var reached = start
        if duration.months != 0 || duration.days != 0 {
            let local = localSeconds(of: start)
            let ofDay = local - Self.floorDivide(local, 86_400) * 86_400
            let fraction = start.microseconds - Self.floorDivide(start.microseconds, 1_000_000) * 1_000_000
            reached = instant(localSeconds: day.daysSinceEpoch * 86_400 + ofDay)
            reached.microseconds += fraction
        }
        return Instant(microseconds: reached.microseconds + Int64(duration.seconds) * 1_000_000)
    }

    /// Minutes east of UTC at that instant: 60 in British Summer Time.
    public func offsetMinutes(at instant: Instant) -> Int { Int(offset(at: instant) / 60) }

    private static func adding(months: Int, to date: CivilDate) -> CivilDate {
        guard months != 0 else { return date }
        let total = date.year * 12 + date.month - 1 + months
        let (year, month) = (total / 12, total % 12 + 1)
        // A month's end stays one: 31 January and a month is the last day of February.
        for day in stride(from: date.day, through: 28, by: -1) {
            if let found = CivilDate(year: year, month: month, day: day) { return found }
        }
        return CivilDate(year: year, month: month, day: min(date.day, 28)) ?? date
    }

    /// A time of day as the zone's clocks show it: when it was (seconds since 1970 UTC), and how far from UTC the clocks were then.
    ///
    /// Of an hour that comes twice the earlier is taken, and it is said to be ambiguous.
    public func local(
        _ date: CivilDate, secondsOfDay: Int
    ) -> (seconds: Int64, offsetMinutes: Int, isAmbiguous: Bool) {
        let local = date.daysSinceEpoch * 86_400 + Int64(secondsOfDay)
        let found = instant(localSeconds: local).microseconds / 1_000_000
        // Clocks go back by an hour where they do: the same reading comes again then.
        let later = found + 3600
        let isAmbiguous = later + offset(at: Instant(microseconds: later * 1_000_000)) == local
        return (found, Int(offset(at: Instant(microseconds: found * 1_000_000)) / 60), isAmbiguous)
    }

    private func instant(localSeconds local: Int64) -> Instant {
        // At most one transition lies within a day either side, so one of two offsets holds. The earlier instant
        // of a repeated hour is taken; in a gap neither holds, and the earlier offset gives its first instant.
        let before = offset(at: Instant(microseconds: (local - 86_400) * 1_000_000))
        let after = offset(at: Instant(microseconds: (local + 86_400) * 1_000_000))
        // On most days the two are one, and so are the candidates: either way it is the answer.
        if before == after { return Instant(microseconds: (local - before) * 1_000_000) }
        let candidates = [local - before, local - after].sorted()
        for seconds in candidates {
            let found = Instant(microseconds: seconds * 1_000_000)
            if seconds + offset(at: found) == local { return found }
        }
        return Instant(microseconds: (local - before) * 1_000_000)
    }

    private func localSeconds(of instant: Instant) -> Int64 {
        Self.floorDivide(instant.microseconds, 1_000_000) + offset(at: instant)
    }

    private func offset(at instant: Instant) -> Int64 {
        let seconds = Self.floorDivide(instant.microseconds, 1_000_000)
        return Int64(zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(seconds))))
    }

    private static func floorDivide(_ a: Int64, _ b: Int64) -> Int64 {
        let q = a / b
        return a % b < 0 ? q - 1 : q
    }
}
