import Wire

/// The history of one thing that is declared with a period: an agreement, a role profile, a licence, a charter.
///
/// A span begins with a declaration and ends with an end; declarations in between replace its terms as a whole, for
/// all of its time. What is declared again after an end is a new span.
struct Spans<Terms: Sendable>: Sendable {
    struct Version: Sendable {
        var position: Position
        var recordedAt: Instant
        var terms: Terms
    }

    struct Span: Sendable {
        var versions: [Version]
        var end: (position: Position, from: Instant)?
    }

    /// A version as it stands at a point.
    struct Found {
        var version: Version
        /// Recorded instant of the span's first declaration: the default of `from`.
        var signedAt: Instant
        var isAmendment: Bool
        var firstPosition: Position
        /// Nil: in force.
        var overBy: Position?
    }

    private(set) var spans: [Span] = []
    /// The period that terms state themselves.
    private let period: @Sendable (Terms) -> (from: Instant?, to: Instant?)

    init(period: @escaping @Sendable (Terms) -> (from: Instant?, to: Instant?)) { self.period = period }

    mutating func declare(_ terms: Terms, position: Position, recordedAt: Instant) {
        let version = Version(position: position, recordedAt: recordedAt, terms: terms)
        if let last = spans.indices.last, spans[last].end == nil {
            spans[last].versions.append(version)
        } else {
            spans.append(Span(versions: [version], end: nil))
        }
    }

    mutating func end(position: Position, from: Instant) {
        guard let last = spans.indices.last, spans[last].end == nil else { return }
        spans[last].end = (position, from)
    }

    /// The span in force at the point, else the latest that is known by then, else nil.
    func found(at point: DecisionPoint) -> Found? {
        var latest: Found?
        for span in spans.reversed() {
            guard let index = span.versions.lastIndex(where: { $0.position <= point.position }) else {
                continue
            }
            let version = span.versions[index]
            let first = span.versions[0]
            var found = Found(
                version: version, signedAt: first.recordedAt, isAmendment: index > 0,
                firstPosition: first.position)
            let (from, to) = period(version.terms)
            if let end = span.end, end.position <= point.position, end.from <= point.instant {
                found.overBy = end.position
            } else if point.instant < from ?? first.recordedAt || (to.map { point.instant > $0 } ?? false) {
                found.overBy = version.position
            } else {
                return found
            }
            if latest == nil { latest = found }
        }
        return latest
    }

    func standing(at point: DecisionPoint) -> Standing<Terms> {
        guard let found = found(at: point) else { return .unknown }
        if let over = found.overBy { return .notInForce(decidedBy: over) }
        return .inForce(found.version.terms, position: found.version.position)
    }
}
