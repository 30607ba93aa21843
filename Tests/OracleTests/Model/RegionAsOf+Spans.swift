/// What is declared with a period, from its first declaration to its end; the terms said last count for all of its time.
extension RegionAsOf {
    struct Span<Terms> {
        var terms: Terms
        /// When it was first declared, and when these terms were said. Microseconds.
        var first: Int64
        var latest: Int64
        var isAmended = false
        var position: UInt64?
        var ended: (time: Int64, position: UInt64?)?
        /// What the terms say, or the first declaration.
        var from: Int64
        var to: Int64?
    }

    func spans<Terms: Equatable>(
        _ key: String, of pick: (RegionSpec) -> Terms?, period: (Terms) -> (from: Int64?, to: Int64?)
    ) -> [Span<Terms>] {
        var out: [Span<Terms>] = []
        var isOpen = false
        for one in applied {
            let position = one.facts[key]
            switch pick(one.spec) {
            case let terms? where !isOpen:
                let (from, to) = period(terms)
                out.append(
                    Span(
                        terms: terms, first: one.time, latest: one.time, position: position,
                        from: from ?? one.time, to: to))
                isOpen = true
            case let terms? where terms != out[out.count - 1].terms:
                let (from, to) = period(terms)
                var span = out[out.count - 1]
                (span.terms, span.latest, span.isAmended) = (terms, one.time, true)
                (span.position, span.from, span.to) = (position, from ?? span.first, to)
                out[out.count - 1] = span
            case nil where isOpen:
                out[out.count - 1].ended = (one.time, position)
                isOpen = false
            default: break
            }
        }
        return out
    }

    func isInForce<Terms>(_ span: Span<Terms>, at instant: Int64) -> Bool {
        if let ended = span.ended, ended.time <= instant { return false }
        return span.from <= instant && span.to.map { instant <= $0 } ?? true
    }

    /// The one in force, else the last known.
    func chosen<Terms>(_ spans: [Span<Terms>]) -> Span<Terms>? {
        spans.last { isInForce($0, at: instant) } ?? spans.last
    }

    /// What speaks: its end once that has come, else its last declaration.
    func deciding<Terms>(_ spans: [Span<Terms>]) -> UInt64? {
        guard let span = chosen(spans) else { return nil }
        if let ended = span.ended, ended.time <= instant { return ended.position }
        return span.position
    }
}
