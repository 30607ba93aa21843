/// How each source stood at a position: the list that every view carries (decision 4, clause 11).
enum SourcesAsOf {
    /// When silence since an instant is too long: days end with the day.
    private static func late(_ silence: String, after last: Int64) -> Int64 {
        guard silence.hasSuffix("D"), let days = Int(silence.dropFirst().dropLast()) else {
            return last + 7_200_000_000
        }
        return PatientFactsAsOf.end(days, after: last)
    }

    static func list(events: [LoggedEvent], region: RegionAsOf, at asOf: AsOf) -> [ExpectedView.Source] {
        let spec = region.spec
        let named = spec.organisations.map(\.ods).filter { ods in
            guard region.closedBy(ods) == nil else { return false }
            return spec.feeds.contains { $0.organisation == ods }
                || region.controlsAgreement(ods)
        }
        return named.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map { ods in
            let last = events.last { event in
                if case .update(let message, _) = event.what { return message.source == ods }
                return false
            }?.time
            let agreed = spec.agreements.contains {
                $0.controller == ods && !$0.suspended && RegionAsOf.covers($0.from, $0.to, asOf.instant)
            }
            let feed = spec.feeds.first { $0.organisation == ods }
            return ExpectedView.Source(
                source: ods, status: status(agreed: agreed, last: last, feed: feed, at: asOf.instant),
                last: last)
        }
    }

    private static func status(
        agreed: Bool, last: Int64?, feed: RegionSpec.Feed?, at instant: Int64
    ) -> String {
        guard agreed else { return "no-agreement" }
        guard let last else { return "never" }
        guard let feed else { return "live" }
        let late = late(feed.maxSilence, after: last)
        if instant <= late { return "live" }
        return instant <= last + 3 * (late - last) ? "late" : "down"
    }
}
