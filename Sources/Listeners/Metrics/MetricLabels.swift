/// A series' labels, in one order whoever gives them.
struct MetricLabels: Hashable, Comparable, Sendable {
    let pairs: [Pair]

    struct Pair: Hashable, Sendable {
        var name: String
        var value: String
    }

    init(_ dimensions: [(String, String)]) {
        pairs = dimensions.map { Pair(name: PrometheusText.name($0.0), value: $0.1) }.sorted {
            ($0.name, $0.value) < ($1.name, $1.value)
        }
    }

    static func < (a: MetricLabels, b: MetricLabels) -> Bool {
        a.pairs.lexicographicallyPrecedes(b.pairs) { ($0.name, $0.value) < ($1.name, $1.value) }
    }
}
