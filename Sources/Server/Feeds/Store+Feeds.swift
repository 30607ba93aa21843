import CareRecord
import EventLog
import Projections
import Wire

extension Store {
    /// Every source that the region expects or that ever sent something, by ODS code: how its feed does now.
    ///
    /// - Parameter waits: for everything recorded to be folded. Without, the counts are of what is folded: for who must not wait.
    public func feeds(waits: Bool = true) throws(StoreError) -> [FeedStatus] {
        let head = try head()
        let counts: [String: FeedCounts]
        do throws(ProjectionError) {
            if waits { try identity.catchUp(to: head.position) }
            counts = try identityReader(at: head.position).feedCounts()
        } catch { throw .projection(error) }
        let history = try (waits ? regionState() : foldedRegionState()).history
        let now = DecisionPoint(instant: try clock(), position: head.position)
        let point = AskedPoint(
            position: now.position, instant: now.instant, shown: now.instant, isFinal: false)
        var feeds: [String: FeedStatus] = [:]
        for source in try sources(at: point, history) {
            feeds[source.source] = feed(source.source, source.status, counts[source.source])
        }
        for (source, counted) in counts where feeds[source] == nil {
            feeds[source] = feed(source, nil, counted)
        }
        return feeds.values.sorted { $0.source < $1.source }
    }

    private func feed(_ source: String, _ status: SourceStatus.Status?, _ counts: FeedCounts?) -> FeedStatus {
        FeedStatus(
            source: source, status: status, last: counts?.last, lag: counts?.lag,
            accepted: counts?.accepted ?? 0, duplicate: duplicates.withLock { $0[source] ?? 0 },
            quarantined: counts?.quarantined ?? 0)
    }
}
