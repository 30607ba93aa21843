import Wire

/// Where a patient's dissent or directive stands at a point.
public struct ConsentStanding: Hashable, Sendable {
    public enum State: String, Hashable, Sendable { case proposed, active, inactive }

    /// Of the fact.
    public var position: Position
    public var from: Instant
    /// The last instant that the fact itself states.
    public var until: Instant?
    /// What ended it, once that has taken effect.
    public var endedBy: Position?
    public var state: State
}

extension RegionState {
    /// The patient's dissents and directives known at the point, in the order of their positions; nothing carried over from an unlink.
    public func consents(_ facts: PatientFacts) -> [ConsentStanding] {
        let rules = PatientRules(facts, state: self)
        return rules.known.filter {
            ($0.kind == .dissentSet || $0.kind == .consentDirective) && !rules.entries[$0.index].carried
        }.map { rules.standing($0) }
    }
}

extension PatientRules {
    fileprivate func standing(_ entry: Known) -> ConsentStanding {
        let end = entry.kind == .dissentSet ? cleared(entry) : ended(entry)
        let until = statedEnd(entry.index, entry.from)
        let isOver = end != nil || until.map { $0 < point.instant } ?? false
        return ConsentStanding(
            position: entry.position, from: entry.from, until: until, endedBy: end,
            state: isOver ? .inactive : entry.from > point.instant ? .proposed : .active)
    }

    /// The event by which no subject whom the dissent binds is bound by it any more.
    private func cleared(_ entry: Known) -> Position? {
        let bound = (0..<subjectCount).filter { entries[entry.index].scope.restricts($0) }
        var last: Position?
        for subject in bound {
            let clearing = known.first {
                $0.kind == .dissentWithdrawn && $0.position > entry.position && $0.isActive
                    && entries[$0.index].scope.restricts(subject)
            }
            guard let clearing else { return nil }
            last = max(last ?? .start, clearing.position)
        }
        return last
    }
}
