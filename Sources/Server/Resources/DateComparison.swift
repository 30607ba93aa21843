import CareRecord
import Intake
import Wire

extension DateRange {
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
