import Wire

/// `WHEN` of the command line and the API: an RFC 3339 instant, a date, `#POSITION` or `#HEAD`.
public enum When: Hashable, Sendable, CustomStringConvertible {
    case instant(Instant)
    case date(CivilDate)
    case position(Position)
    case head

    /// - Returns: nil for any other text; a position is at least 1.
    public init?(_ text: String) {
        if text.hasPrefix("#") {
            let rest = text.dropFirst()
            if rest == "HEAD" {
                self = .head
                return
            }
            guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let value = UInt64(rest),
                value > 0
            else { return nil }
            self = .position(Position(value))
        } else if let date = CivilDate(text) {
            self = .date(date)
        } else if let instant = Instant(rfc3339: text) {
            self = .instant(instant)
        } else {
            return nil
        }
    }

    /// The instant asked for where a WHEN begins something (`--from`): a date is its day's start.
    ///
    /// - Returns: nil for a position or the head, which only a log can turn into an instant.
    public func beginning(in calendar: StoreCalendar) -> Instant? {
        switch self {
        case .instant(let instant): instant
        case .date(let date): calendar.start(of: date)
        case .position, .head: nil
        }
    }

    /// The instant asked for where a WHEN ends something or asks (`--to`, `--at`): a date is its day's end.
    ///
    /// - Returns: nil for a position or the head, which only a log can turn into an instant.
    public func ending(in calendar: StoreCalendar) -> Instant? {
        switch self {
        case .date(let date): calendar.end(of: date)
        default: beginning(in: calendar)
        }
    }

    public var description: String {
        switch self {
        case .instant(let instant): instant.description
        case .date(let date): date.description
        case .position(let position): position.description
        case .head: "#HEAD"
        }
    }
}
