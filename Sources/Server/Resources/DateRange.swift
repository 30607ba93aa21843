import CareRecord
import Intake
import Wire

/// The instants that a FHIR date, dateTime, instant or Period can stand for: a day is all of it, in the store's time zone.
public struct DateRange: Hashable, Sendable {
    public var first: Instant
    public var last: Instant

    init(_ range: ClosedRange<Instant>) { (first, last) = (range.lowerBound, range.upperBound) }

    /// - Returns: nil for a text that is none of them.
    public init?(_ text: String, _ calendar: StoreCalendar) {
        let parts = text.prefix(10).split(separator: "-", omittingEmptySubsequences: false)
        switch text.utf8.count {
        case 4: self.init(months: text + "-01", 12, calendar)
        case 7 where parts.count == 2: self.init(months: text, 1, calendar)
        case 10:
            guard let day = CivilDate(text) else { return nil }
            self.init(calendar.start(of: day)...calendar.end(of: day))
        default:
            guard let instant = Instant(rfc3339: Self.completed(text, calendar)) else { return nil }
            // A second is all of it, unless the text says which part.
            let part: Int64 = text.contains(".") ? 0 : 999_999
            self.init(instant...Instant(microseconds: instant.microseconds + part))
        }
    }

    private init?(months text: String, _ count: Int, _ calendar: StoreCalendar) {
        guard let day = CivilDate(text + "-01") else { return nil }
        let total = day.year * 12 + day.month - 1 + count
        let (year, month) = (total / 12, total % 12 + 1)
        let next =
            "\(String(repeating: "0", count: max(0, 4 - String(year).count)))\(year)-\(month < 10 ? "0" : "")\(month)-01"
        guard let end = CivilDate(next) else { return nil }
        self.init(
            calendar.start(of: day)...Instant(microseconds: calendar.start(of: end).microseconds - 1))
    }

    /// Without seconds, or without an offset, as searches may write it: the store's own.
    private static func completed(_ text: String, _ calendar: StoreCalendar) -> String {
        var text = text
        if text.utf8.count == 16 { text += ":00" }
        guard text.utf8.count >= 19, !text.hasSuffix("Z"), !text.dropFirst(11).contains("+"),
            !text.dropFirst(11).contains("-"), let naive = Instant(rfc3339: text + "Z")
        else { return text }
        let minutes = calendar.offsetMinutes(at: naive)
        let sign = minutes < 0 ? "-" : "+"
        func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
        return text + sign + two(abs(minutes) / 60) + ":" + two(abs(minutes) % 60)
    }

    /// A value of a resource: a text, or a Period, open where it has no end.
    init?(_ value: JSONCursor, _ calendar: StoreCalendar) {
        if let text = value.string {
            self.init(text, calendar)
            return
        }
        let start = value["start"]?.string.flatMap { DateRange($0, calendar) }
        let end = value["end"]?.string.flatMap { DateRange($0, calendar) }
        guard start != nil || end != nil, value["start"] == nil || start != nil,
            value["end"] == nil || end != nil
        else { return nil }
        let from = start?.first ?? .distantPast
        self.init(from...max(from, end?.last ?? .distantFuture))
    }
}

/// A date of a search with its prefix (FHIR R4, 3.1.1.4.7).
public struct DateComparison: Hashable, Sendable {
    public enum Prefix: String, Hashable, Sendable, CaseIterable { case eq, ne, gt, lt, ge, le, sa, eb, ap }

    public var prefix: Prefix
    public var range: DateRange

    /// - Returns: nil for a text that is no date.
    public init?(_ text: String, _ calendar: StoreCalendar) {
        let prefix = Prefix(rawValue: String(text.prefix(2)))
        guard let range = DateRange(prefix == nil ? text : String(text.dropFirst(2)), calendar) else {
            return nil
        }
        (self.prefix, self.range) = (prefix ?? .eq, range)
    }

    func holds(of found: DateRange) -> Bool {
        switch prefix {
        case .eq: return range.first <= found.first && found.last <= range.last
        case .ne: return !(range.first <= found.first && found.last <= range.last)
        case .gt: return found.last > range.last
        case .lt: return found.first < range.first
        case .ge: return found.last > range.last || (range.first <= found.first && found.last <= range.last)
        case .le: return found.first < range.first || (range.first <= found.first && found.last <= range.last)
        case .sa: return found.first > range.last
        case .eb: return found.last < range.first
        // Within a day of it.
        case .ap:
            let day: Int64 = 86_400_000_000
            return found.last.microseconds >= range.first.microseconds - day
                && found.first.microseconds <= range.last.microseconds + day
        }
    }
}
