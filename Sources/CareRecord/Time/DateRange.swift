import Wire

/// The instants that a FHIR date, dateTime, instant or Period can stand for: a day is all of it, in the store's time zone.
public struct DateRange: Hashable, Sendable {
    public var first: Instant
    public var last: Instant

    public init(_ range: ClosedRange<Instant>) { (first, last) = (range.lowerBound, range.upperBound) }

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
}
