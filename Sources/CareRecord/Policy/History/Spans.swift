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

    /// Where a version stands in `spans`: what is asked of it is read in place, terms are many Strings.
    struct Place {
        var span: Int
        var version: Int
        /// Nil: in force.
        var overBy: Position?
    }

    /// The span in force at the point, else the latest that is known by then, else nil.
    func place(at point: DecisionPoint) -> Place? {
        var latest: Place?
        var span = spans.count
        while span > 0 {
            span -= 1
            var version = spans[span].versions.count - 1
            while version >= 0, spans[span].versions[version].position > point.position { version -= 1 }
            if version < 0 { continue }
            let over = over(span, version, at: point)
            if over == nil { return Place(span: span, version: version, overBy: nil) }
            if latest == nil { latest = Place(span: span, version: version, overBy: over) }
        }
        return latest
    }

    /// The event that ended the version, or its own where its period does not cover the instant; nil: in force.
    private func over(_ span: Int, _ version: Int, at point: DecisionPoint) -> Position? {
        if let end = spans[span].end, end.position <= point.position, end.from <= point.instant {
            return end.position
        }
        let (from, to) = period(spans[span].versions[version].terms)
        if point.instant < from ?? spans[span].versions[0].recordedAt
            || to.map({ point.instant > $0 }) ?? false
        {
            return spans[span].versions[version].position
        }
        return nil
    }

    /// The version at `place(at:)`.
    func found(at point: DecisionPoint) -> Found? {
        guard let place = place(at: point) else { return nil }
        return Found(version: spans[place.span].versions[place.version], overBy: place.overBy)
    }

    func isInForce(at point: DecisionPoint) -> Bool {
        guard let place = place(at: point) else { return false }
        return place.overBy == nil
    }

    func standing(at point: DecisionPoint) -> Standing<Terms> {
        guard let found = found(at: point) else { return .unknown }
        if let over = found.overBy { return .notInForce(decidedBy: over) }
        return .inForce(found.version.terms, position: found.version.position)
    }
}
