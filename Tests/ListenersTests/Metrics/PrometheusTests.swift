import Testing

@testable import Listeners

@Suite struct PrometheusTests {
    @Test func countersGaugesAndHistogramsAreTold() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "feed.messages", dimensions: [("source", "RBD")]).increment(by: 3)
        registry.makeCounter(label: "feed.messages", dimensions: [("source", "RBD")]).increment(by: 4)
        registry.makeMeter(label: "queue depth", dimensions: []).set(Int64(12))
        let timer = registry.makeTimer(label: "commit", dimensions: [])
        timer.recordNanoseconds(400_000)
        timer.recordNanoseconds(2_000_000_000)
        timer.recordNanoseconds(60_000_000_000)
        let text = registry.text()
        let expected = [
            "# TYPE feed_messages_total counter", "feed_messages_total{source=\"RBD\"} 7",
            "# TYPE queue_depth gauge", "queue_depth 12", "# TYPE commit_seconds histogram",
            "commit_seconds_bucket{le=\"0.00025\"} 0", "commit_seconds_bucket{le=\"0.0005\"} 1",
            "commit_seconds_bucket{le=\"2.5\"} 2", "commit_seconds_bucket{le=\"10\"} 2",
            "commit_seconds_bucket{le=\"+Inf\"} 3", "commit_seconds_sum 62.0004", "commit_seconds_count 3",
        ]
        let lines = Set(text.split(separator: "\n").map(String.init))
        for line in expected { #expect(lines.contains(line), "\(line) in\n\(text)") }
    }

    @Test func whatClientsSendCannotBreakTheFormat() {
        let registry = PrometheusRegistry()
        registry.makeCounter(label: "9 lives-é", dimensions: [("a b", "x\"y\\z\nq")]).increment(by: 1)
        #expect(registry.text().contains("_9_lives___total{a_b=\"x\\\"y\\\\z\\nq\"} 1\n"))
    }

    @Test func theNumberOfSeriesIsBounded() {
        let registry = PrometheusRegistry()
        for i in 0..<(PrometheusRegistry.maximumSeries + 10) {
            registry.makeCounter(label: "paths", dimensions: [("path", "\(i)")]).increment(by: 1)
        }
        let text = registry.text()
        #expect(text.split(separator: "\n").count == PrometheusRegistry.maximumSeries + 3)
        #expect(text.contains("daybook_metric_series_left_out 10\n"))
    }

    /// One name is one kind: a second kind of it is left out, not mixed in.
    @Test func aNameIsOfOneKind() {
        let registry = PrometheusRegistry()
        registry.makeMeter(label: "same_total", dimensions: []).set(Int64(5))
        registry.makeCounter(label: "same", dimensions: []).increment(by: 1)
        let text = registry.text()
        #expect(text.contains("\nsame_total 5\n"), "\(text)")
        #expect(!text.contains("\nsame_total 1\n") && text.contains("daybook_metric_series_left_out 1\n"))
    }
}
