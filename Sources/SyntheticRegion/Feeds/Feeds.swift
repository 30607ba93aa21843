import Wire

/// When sources send what they have.
enum Feeds {
    /// Practices and community services send at night, councils in the evening, hospitals every two hours.
    static func delivery(of source: String, at time: Instant, on day: Day) -> Instant {
        switch Partner.byCode[source]?.kind {
        case .acute:
            let since = (time.microseconds - day.at(0).microseconds) / 60_000_000
            return since >= 22 * 60 ? day.at(23, 55) : day.at(Int(since) / 120 * 2 + 2)
        case .gp: return day.at(20)
        case .community: return day.at(21)
        default: return day.at(18)
        }
    }

    /// Feeds that stopped for a while, and sent all of it afterwards.
    private static let silences: [(source: String, from: Day, to: Day)] = [
        ("809", Day(2018, 10, 29), Day(2018, 12, 17)), ("RDZ", Day(2019, 8, 5), Day(2019, 8, 29)),
        ("ZZ102", Day(2020, 1, 6), Day(2020, 1, 31)), ("RBD", Day(2021, 2, 9), Day(2021, 2, 17)),
    ]

    /// Where the source is silent on the day: when it sends again.
    static func silence(of source: String, on day: Day) -> Day? {
        silences.first { $0.source == source && $0.from <= day && day < $0.to }?.to
    }
}
