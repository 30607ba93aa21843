import Wire

/// What would change a decision: events are made up, appended to what is known, and the decision is taken again. Only
/// what did change it is named.
public struct Counterfactual {
    /// Events in a row that are tried to get an item shown, at most: there are no more rules that withhold.
    static let maximumEvents = 12

    private(set) var history: RegionHistory
    private(set) var facts: PatientFacts
    private(set) var request: AccessRequest
    let item: ItemDescriptor?

    /// - Parameters:
    ///   - history: the region's facts up to the request's point, and none after it.
    ///   - facts: the patient's; those past the point are left out.
    ///   - item: nil for the view as a whole.
    public init(
        _ history: RegionHistory, _ facts: PatientFacts, _ request: AccessRequest, item: ItemDescriptor?
    ) {
        (self.history, self.request, self.item) = (history, request, item)
        self.facts = facts
        self.facts.entries.removeAll { $0.position > request.point.position }
        precondition(history.head <= request.point.position, "facts past the point")
    }

    /// What is decided as things stand. Nil where a role has to be chosen.
    public var decision: Decision? {
        switch history.decide(request, patient: facts) {
        case .usage: return nil
        case .withhold(let decision, _), .concealed(let decision, _, _): return decision
        case .permit(let context):
            guard let item else { return context.decision }
            return context.decision.permit ? context.decide(item) : context.decision
        }
    }

    /// The events that would change the decision: for what is withheld, those that together would have it shown, in the order
    /// of the rules they answer, or as far as any event leads; for what is shown, each that alone would withhold it.
    public var changes: [ChangingEvent] {
        guard let now = decision else { return [] }
        return now.permit ? withholding : permitting(from: now)
    }

    private func permitting(from now: Decision) -> [ChangingEvent] {
        var world = self
        var current = now
        var met: Set<Rule> = [now.rule]
        var out: [ChangingEvent] = []
        while !current.permit, out.count < Self.maximumEvents {
            var found: (Counterfactual, ChangingEvent)?
            for candidate in world.liftings(of: current) {
                guard let (after, then) = world.trying(candidate),
                    Self.isProgress(from: current, to: then, met)
                else { continue }
                found = (after, ChangingEvent(event: candidate, then: then))
                break
            }
            guard let (after, change) = found else { break }
            out.append(change)
            (world, current) = (after, change.then)
            met.insert(current.rule)
        }
        return out
    }

    private var withholding: [ChangingEvent] {
        endings.compactMap { candidate in
            guard let (_, then) = trying(candidate), !then.permit else { return nil }
            return ChangingEvent(event: candidate, then: then)
        }
    }

    /// Shown; or withheld by a rule not met before; or by fewer events of the same rule. An event that only swaps one reason
    /// of the rule for another leads nowhere.
    private static func isProgress(from now: Decision, to then: Decision, _ met: Set<Rule>) -> Bool {
        if then.permit || !met.contains(then.rule) { return true }
        return then.rule == now.rule && then.basis.count < now.basis.count
    }

    /// The world with the event in it, recorded at the very instant asked about.
    private func trying(_ event: ChangingEvent.Event) -> (Counterfactual, Decision)? {
        var world = self
        let position = Position(request.point.position.value + 1)
        switch event {
        case .patient(let fact, let subjects):
            world.facts.entries.append(
                PatientFacts.Entry(
                    fact, position: position, recordedAt: request.point.instant, scope: .subjects(subjects)))
        case .region(let fact):
            world.history.append(fact, position: position, recordedAt: request.point.instant)
        }
        world.request.point.position = position
        return world.decision.map { (world, $0) }
    }
}
