/// How each source stood at a position: the list that every view carries (decision 4, clause 11).
enum SourcesAsOf {
    private static let lengths: [String: Int64] = ["PT2H": 7200, "P1D": 86_400, "P8D": 691_200]

    static func list(events: [LoggedEvent], region: RegionAsOf, at asOf: AsOf) -> [ExpectedView.Source] {
        let spec = region.spec
        let named = spec.organisations.map(\.ods).filter { ods in
            spec.feeds.contains { $0.organisation == ods }
                || spec.agreements.contains { $0.controller == ods }
        }
        return named.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }.map { ods in
            let last = events.last { event in
                if case .update(let message, _) = event.what { return message.source == ods }
                return false
            }?.time
            let agreed = spec.agreements.contains {
                $0.controller == ods && RegionAsOf.covers($0.from, $0.to, asOf.instant)
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
        guard let feed, let seconds = lengths[feed.maxSilence] else { return "live" }
        let silence = instant - last
        if silence <= seconds * 1_000_000 { return "live" }
        return silence <= 3 * seconds * 1_000_000 ? "late" : "down"
    }
}
