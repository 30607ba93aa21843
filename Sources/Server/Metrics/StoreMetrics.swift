import EventLog
import Metrics
import Wire

/// A store's operating limits through swift-metrics: whatever the process bootstrapped shows them. Without a backend it costs
/// next to nothing.
public struct StoreMetrics: Sendable {
    private let store: Store
    private let factory: any MetricsFactory

    public init(_ store: Store, factory: any MetricsFactory = MetricsSystem.factory) {
        (self.store, self.factory) = (store, factory)
    }

    /// Sets every gauge to what it is now. Call it at intervals: a scrape, or every few seconds.
    public func report() throws(StoreError) {
        let stat: LogStat
        do throws(LogError) { stat = try store.log.stat() } catch { throw .log(error) }
        set("daybook_log_records", Double(stat.head.position.value))
        set("daybook_log_unindexed_records", Double(stat.unindexed))
        set("daybook_log_map_used_bytes", Double(stat.usedBytes))
        set("daybook_log_map_bytes", Double(stat.mapBytes))
        set("daybook_log_map_use_ratio", stat.mapUse)
        set("daybook_log_disk_free_bytes", Double(stat.freeDiskBytes))
        set("daybook_log_reader_slots_used", Double(stat.readers))
        set("daybook_log_reader_slots", Double(stat.maxReaders))
        set("daybook_log_stale_readers_freed", Double(stat.staleReaders))
        set("daybook_log_checkpoints", Double(stat.checkpoints))
        set("daybook_clock_held_back_seconds", Double(store.log.clockHeldBackMicroseconds) / 1e6)
        if let writer = stat.writer { report(writer) }
        for projection in try store.projections() {
            let behind = projection.head.value - min(projection.position.value, projection.head.value)
            set("daybook_projection_behind_records", Double(behind), [("projection", projection.name)])
        }
    }

    private func report(_ writer: WriterLimits) {
        set("daybook_log_queue_units", Double(writer.waitingUnits))
        set("daybook_log_queue_bytes", Double(writer.waitingBytes))
        set("daybook_log_queue_max_bytes", Double(writer.maxWaitingBytes))
        for (name, times) in [("commit", writer.commits), ("sync", writer.syncs)] {
            set("daybook_log_\(name)s", Double(times.count))
            for (quantile, value) in [
                ("0.5", times.medianMicroseconds), ("0.99", times.p99Microseconds),
                ("1", times.longestMicroseconds),
            ] { set("daybook_log_\(name)_seconds", Double(value) / 1e6, [("quantile", quantile)]) }
        }
    }

    private func set(_ name: String, _ value: Double, _ dimensions: [(String, String)] = []) {
        Gauge(label: name, dimensions: dimensions, factory: factory).record(value)
    }
}
