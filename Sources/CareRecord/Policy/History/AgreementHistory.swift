import Wire

/// All that was ever declared of one agreement.
struct AgreementHistory: Sendable {
    var terms = Spans<AgreementTerms> { ($0.from, $0.to) }
    var suspensions: [(position: Position, from: Instant, suspended: Bool)] = []

    /// The position of the suspension in force, if one is.
    func suspension(at point: DecisionPoint, since first: Position) -> Position? {
        let last = suspensions.last {
            $0.position > first && $0.position <= point.position && $0.from <= point.instant
        }
        guard let last, last.suspended else { return nil }
        return last.position
    }
}
