import Wire

/// All that was ever declared of one organisation.
struct OrganisationHistory: Sendable {
    var details = Versions<OrganisationDetails>()
    var onboarded: [Position] = []
    var closures: [(position: Position, from: Instant, closure: OrganisationClosure)] = []
    var charters = Spans<CharterSignature> { ($0.from, nil) }
    var feeds = Versions<FeedDetails>()
    /// Ids of agreements that ever named it as controller.
    var agreements: Set<String> = []

    /// The closure that has begun by the point, unless the organisation was onboarded again after it.
    func closure(at point: DecisionPoint) -> (position: Position, closure: OrganisationClosure)? {
        guard let last = closures.last(where: { $0.position <= point.position }), last.from <= point.instant,
            !onboarded.contains(where: { $0 > last.position && $0 <= point.position })
        else { return nil }
        return (last.position, last.closure)
    }
}
