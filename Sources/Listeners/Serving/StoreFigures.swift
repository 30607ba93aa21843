import EventLog
import Metrics
import Server
import Wire

/// How the store stands, as gauges.
struct StoreFigures {
    let store: Store

    func record() {
        guard let head = try? store.log.head.position else { return }
        Meter(label: "daybook_log_position").set(Int64(head.value))
        Meter(label: "daybook_log_stopped").set(store.log.stopReason == nil ? 0 : 1)
        for (name, position, failure) in store.folded {
            let labels = [("projection", name)]
            Meter(label: "daybook_projection_position", dimensions: labels).set(Int64(position.value))
            Meter(label: "daybook_projection_lag_records", dimensions: labels).set(
                Int64(head.value - min(head.value, position.value)))
            Meter(label: "daybook_projection_failed", dimensions: labels).set(failure == nil ? 0 : 1)
        }
        for feed in (try? store.feeds()) ?? [] { record(feed) }
    }

    private func record(_ feed: FeedStatus) {
        let labels = [("source", feed.source)]
        Meter(label: "daybook_feed_accepted_messages", dimensions: labels).set(Int64(feed.accepted))
        Meter(label: "daybook_feed_duplicate_messages", dimensions: labels).set(Int64(feed.duplicate))
        Meter(label: "daybook_feed_quarantined_messages", dimensions: labels).set(Int64(feed.quarantined))
        Meter(label: "daybook_feed_silent", dimensions: labels).set(feed.isSilent ? 1 : 0)
        if let last = feed.last {
            Meter(label: "daybook_feed_last_message_timestamp_seconds", dimensions: labels).set(
                Double(last.microseconds) / 1e6)
        }
        if let lag = feed.lag {
            Meter(label: "daybook_feed_lag_seconds", dimensions: labels).set(Double(lag) / 1e6)
        }
    }
}
