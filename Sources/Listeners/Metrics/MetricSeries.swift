import CoreMetrics
import Synchronization

/// One measurement: a name with its labels.
final class MetricSeries: Sendable {
    enum Kind: Sendable {
        case counter, gauge, time, distribution

        var type: String {
            switch self {
            case .counter: "counter"
            case .gauge: "gauge"
            case .time, .distribution: "histogram"
            }
        }

        var buckets: [Double] {
            switch self {
            case .counter, .gauge: []
            case .time: PrometheusRegistry.timeBuckets
            case .distribution: PrometheusRegistry.sizeBuckets
            }
        }
    }

    /// What a scrape reads.
    struct Reading: Sendable {
        /// Of a counter or gauge.
        var value = 0.0
        /// Of a histogram: how many fell under each bound and not under the one before.
        var buckets: [(bound: Double, count: UInt64)] = []
        var sum = 0.0
        var count: UInt64 = 0
    }

    private struct State {
        var value = 0.0
        var counts: [UInt64]
        var sum = 0.0
        var count: UInt64 = 0
    }

    let kind: Kind
    private let state: Mutex<State>

    init(_ kind: Kind) {
        self.kind = kind
        state = Mutex(State(counts: [UInt64](repeating: 0, count: kind.buckets.count)))
    }

    var reading: Reading {
        state.withLock { state in
            Reading(
                value: state.value, buckets: zip(kind.buckets, state.counts).map { ($0, $1) }, sum: state.sum,
                count: state.count)
        }
    }

    private func add(_ value: Double) { state.withLock { $0.value += value } }

    private func observe(_ value: Double) {
        guard value.isFinite else { return }
        guard kind != .gauge else { return state.withLock { $0.value = value } }
        let bucket = kind.buckets.firstIndex { value <= $0 }
        state.withLock { state in
            if let bucket { state.counts[bucket] += 1 }
            state.sum += value
            state.count += 1
        }
    }
}

extension MetricSeries: CounterHandler, FloatingPointCounterHandler {
    func increment(by amount: Int64) { if amount > 0 { add(Double(amount)) } }
    func increment(by amount: Double) { if amount > 0, amount.isFinite { add(amount) } }
    func reset() { state.withLock { $0.value = 0 } }
}

extension MetricSeries: MeterHandler {
    func set(_ value: Int64) { state.withLock { $0.value = Double(value) } }
    func set(_ value: Double) { state.withLock { $0.value = value } }
    func decrement(by amount: Double) { add(-amount) }
}

extension MetricSeries: RecorderHandler, TimerHandler {
    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }
    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}
