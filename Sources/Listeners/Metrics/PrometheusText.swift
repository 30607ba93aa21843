/// Prometheus' text exposition format, version 0.0.4: a `# TYPE` line a family, a line a sample.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    mutating func family(_ name: String, _ type: String) { text += "# TYPE \(name) \(type)\n" }

    mutating func series(_ name: String, _ labels: MetricLabels, _ reading: MetricSeries.Reading) {
        guard !reading.buckets.isEmpty else { return sample(name, labels, reading.value) }
        var under: UInt64 = 0
        for (bound, count) in reading.buckets {
            under += count
            sample(name + "_bucket", labels, Double(under), le: Self.number(bound))
        }
        sample(name + "_bucket", labels, Double(reading.count), le: "+Inf")
        sample(name + "_sum", labels, reading.sum)
        sample(name + "_count", labels, Double(reading.count))
    }

    mutating func sample(_ name: String, _ labels: MetricLabels, _ value: Double, le: String? = nil) {
        var parts = labels.pairs.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }
        if let le { parts.append("le=\"\(le)\"") }
        text += name + (parts.isEmpty ? "" : "{\(parts.joined(separator: ","))}") + " \(Self.number(value))\n"
    }

    /// Letters, digits, underscores and colons, and no digit first.
    static func name(_ label: String) -> String {
        var out = ""
        for character in label.unicodeScalars {
            let isDigit = ("0"..."9").contains(character)
            let isPlain =
                ("a"..."z").contains(character) || ("A"..."Z").contains(character) || isDigit
                || character == "_" || character == ":"
            if out.isEmpty, isDigit { out = "_" }
            out.unicodeScalars.append(isPlain ? character : "_")
        }
        return out.isEmpty ? "_" : out
    }

    static func escaped(_ value: String) -> String {
        var out = ""
        for character in value {
            switch character {
            case "\\": out += "\\\\"
            case "\"": out += "\\\""
            case "\n", "\r\n": out += "\\n"
            default: out.append(character)
            }
        }
        return out
    }

    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
        return "\(value)"
    }
}
