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

    convenience init(
        _ store: Store, logger: Logger, factory: any MetricsFactory = MetricsSystem.factory
    ) {
        self.init(logger: logger) { try Self.record(store, factory) }
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

    private static func record(_ store: Store, _ factory: any MetricsFactory) throws {
        func set(_ name: String, _ value: Double, _ labels: [(String, String)] = []) {
            Meter(label: name, dimensions: labels, factory: factory).set(value)
        }
        let head = try store.log.head.position
        set("daybook_log_position", Double(head.value))
        set("daybook_log_stopped", store.log.stopReason == nil ? 0 : 1)
        for (name, position, failure) in store.folded {
            let labels = [("projection", name)]
            let behind = head.value - min(head.value, position.value)
            set("daybook_projection_position", Double(position.value), labels)
            set("daybook_projection_lag_records", Double(behind), labels)
            set("daybook_projection_failed", failure == nil ? 0 : 1, labels)
        }
        // What `daybook feeds` shows of each.
        for feed in try store.feeds(waits: false) {
            let labels = [("source", feed.source)]
            set("daybook_feed_accepted_messages", Double(feed.accepted), labels)
            set("daybook_feed_duplicate_messages", Double(feed.duplicate), labels)
            set("daybook_feed_quarantined_messages", Double(feed.quarantined), labels)
            set("daybook_feed_silent", feed.isSilent ? 1 : 0, labels)
            if let last = feed.last {
                set("daybook_feed_last_message_timestamp_seconds", Double(last.microseconds) / 1e6, labels)
            }
            if let lag = feed.lag { set("daybook_feed_lag_seconds", Double(lag) / 1e6, labels) }
        }
        try StoreMetrics(store, factory: factory).report()
    }
}
