import Dispatch
import EventLog
import Logging
import Metrics
import Server
import Synchronization
import Wire

/// How the store stands, as gauges.
///
/// Collected on a queue of its own, never twice at once, from what is folded: whoever asks waits for no fold, and takes no thread from
/// those who serve. Where it takes too long, the gauges say how old they are.
final class StoreFigures: Sendable {
    /// How long whoever asks waits for fresh ones.
    static let patience = DispatchTimeInterval.milliseconds(1000)

    private struct State {
        var isCollecting = false
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
        var collectedAt: ContinuousClock.Instant?
    }

    private let collect: @Sendable () throws -> Void
    private let logger: Logger
    private let queue = DispatchQueue(label: "daybook.figures")
    private let timers = DispatchQueue(label: "daybook.figures.timers")
    private let state = Mutex(State())

    /// - Parameter collect: sets the gauges.
    init(logger: Logger, collect: @escaping @Sendable () throws -> Void) {
        (self.logger, self.collect) = (logger, collect)
    }

    convenience init(_ store: Store, logger: Logger) {
        self.init(logger: logger) { try Self.record(store) }
    }

    /// Collects them, or waits for whoever is at it; no longer than it has patience.
    func refresh() async {
        await withCheckedContinuation { continuation in
            let (mine, begins) = state.withLock { state in
                defer { state.next += 1 }
                state.waiting[state.next] = continuation
                defer { state.isCollecting = true }
                return (state.next, !state.isCollecting)
            }
            timers.asyncAfter(deadline: .now() + Self.patience) { [self] in
                state.withLock { $0.waiting.removeValue(forKey: mine) }?.resume()
            }
            if begins { queue.async { [self] in collectOnce() } }
        }
        if let at = state.withLock({ $0.collectedAt }) {
            let age = (ContinuousClock.now - at) / .seconds(1)
            Meter(label: "daybook_figures_age_seconds").set(age < 1 ? 0 : age)
        }
    }

    private func collectOnce() {
        var failure: (any Error)?
        do { try collect() } catch { failure = error }
        if let failure { logger.error("figures: \(failure)") }
        Meter(label: "daybook_figures_failed").set(failure == nil ? 0 : 1)
        let waiting = state.withLock { state in
            defer { state.waiting = [:] }
            state.isCollecting = false
            if failure == nil { state.collectedAt = .now }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume() }
    }

    private static func record(_ store: Store) throws {
        let head = try store.log.head.position
        Meter(label: "daybook_log_position").set(Int64(head.value))
        Meter(label: "daybook_log_stopped").set(store.log.stopReason == nil ? 0 : 1)
        for (name, position, failure) in store.folded {
            let labels = [("projection", name)]
            Meter(label: "daybook_projection_position", dimensions: labels).set(Int64(position.value))
            Meter(label: "daybook_projection_lag_records", dimensions: labels).set(
                Int64(head.value - min(head.value, position.value)))
            Meter(label: "daybook_projection_failed", dimensions: labels).set(failure == nil ? 0 : 1)
        }
        for feed in try store.feeds(waits: false) { record(feed) }
        try StoreMetrics(store).report()
    }

    private static func record(_ feed: FeedStatus) {
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
