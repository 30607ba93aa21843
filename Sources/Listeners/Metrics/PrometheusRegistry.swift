import CoreMetrics
import Synchronization

/// swift-metrics' measurements, kept for `/metrics`: counters, gauges, and histograms of times in seconds.
///
/// A name is of one kind, and the number of series is bounded: past either a new one is counted and left out, so that a label made of what clients send cannot
/// fill the memory.
public final class PrometheusRegistry: MetricsFactory, Sendable {
    /// Series at most, over all names.
    public static let maximumSeries = 4096
    /// Upper bounds of a timer's buckets, in seconds.
    static let timeBuckets = [
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]
    /// Of a recorder's that aggregates other things than times.
    static let sizeBuckets = [
        1, 4, 16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 16_777_216.0,
    ]

    private struct State {
        var families: [String: Family] = [:]
        var series = 0
        var leftOut = 0
    }

    struct Family {
        var kind: MetricSeries.Kind
        var series: [MetricLabels: MetricSeries] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    private func series(
        _ label: String, _ dimensions: [(String, String)], _ kind: MetricSeries.Kind
    ) -> MetricSeries {
        var name = PrometheusText.name(label)
        if kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        if kind == .time, !name.hasSuffix("_seconds") { name += "_seconds" }
        let labels = MetricLabels(dimensions)
        return state.withLock { state in
            let isOtherKind = state.families[name].map { $0.kind != kind } ?? false
            if !isOtherKind, let known = state.families[name]?.series[labels] { return known }
            let fresh = MetricSeries(kind)
            guard state.series < Self.maximumSeries, !isOtherKind else {
                state.leftOut += 1
                return fresh
            }
            state.series += 1
            state.families[name, default: Family(kind: kind)].series[labels] = fresh
            return fresh
        }
    }

    /// The text exposition format, version 0.0.4.
    public func text() -> String {
        let (families, leftOut) = state.withLock { ($0.families, $0.leftOut) }
        var out = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            out.family(name, family.kind.type)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                out.series(name, labels, series.reading)
            }
        }
        out.family("daybook_metric_series_left_out", "gauge")
        out.sample("daybook_metric_series_left_out", MetricLabels([]), Double(leftOut))
        return out.text
    }

    // MARK: MetricsFactory

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { series(label, dimensions, .counter) }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }

    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler { series(label, dimensions, aggregate ? .distribution : .gauge) }

    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label, dimensions, .time)
    }

    // A series stays for as long as the registry: a scrape after its last user still tells what it counted.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}
