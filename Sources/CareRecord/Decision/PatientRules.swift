import Wire

/// A patient's facts in force at one point, sorted by what they do, for one viewer.
struct PatientRules {
    /// A fact whose period covers the instant.
    struct Active {
        var entry: PatientFacts.Entry
        var from: Instant
    }

    let point: DecisionPoint
    let calendar: StoreCalendar
    let settings: RegionSettings?
    let subjectCount: Int
    /// Every entry by the position, ascending, with when it begins.
    private let known: [PatientFacts.Entry]
    /// Endings and decisions, by the id they name.
    private var answers: [String: [PatientFacts.Entry]] = [:]

    init(_ facts: PatientFacts, state: RegionState) {
        point = state.point
        settings = state.settings.terms
        calendar = settings?.calendar ?? .london
        subjectCount = max(1, facts.subjects.count)
        let position = state.point.position
        known = facts.entries.filter { $0.position <= position }.sorted { $0.position < $1.position }
        for entry in known where entry.fact.kind.refersTo != nil {
            if let id = entry.fact.id { answers[id, default: []].append(entry) }
        }
    }

    func entries(_ kind: PatientFactKind) -> [PatientFacts.Entry] { known.filter { $0.fact.kind == kind } }

    func from(_ entry: PatientFacts.Entry) -> Instant {
        if let from = entry.fact.from { return from }
        if entry.fact.kind == .deceased, let date = entry.fact.date { return calendar.start(of: date) }
        return entry.recordedAt
    }

    /// The last instant of the fact's period; nil: none.
    func to(_ entry: PatientFacts.Entry) -> Instant? {
        let fact = entry.fact
        let start = from(entry)
        let stated = fact.to ?? fact.duration.map { calendar.end(of: $0, from: start) }
        switch fact.kind {
        case .permissionToView:
            guard let period = settings?.permissionToViewPeriod else { return stated }
            let lapse = calendar.end(of: period, from: start)
            if fact.once { return min(stated ?? lapse, lapse) }
            return stated ?? lapse
        case .overrideDeclared:
            return stated ?? settings.map { calendar.end(of: $0.overridePeriod, from: start) }
        default: return stated
        }
    }

    func isActive(_ entry: PatientFacts.Entry) -> Bool {
        from(entry) <= point.instant && (to(entry).map { point.instant <= $0 } ?? true)
    }

    /// The event that ended the fact by the point: one that names its id, is recorded after it and has taken effect.
    func ended(_ entry: PatientFacts.Entry) -> Position? {
        guard let id = entry.fact.id else { return nil }
        for answer in answers[id] ?? [] where answer.position > entry.position {
            guard answer.fact.kind.refersTo == entry.fact.kind else { continue }
            switch answer.fact.kind {
            case .objectionUpheld, .objectionDeclined: continue
            case .relationshipEnded, .staffExclusionEnded, .overrideEnded, .caseClosed, .legalHoldEnded:
                if isOver(answer) { return answer.position }
            default: if isActive(answer) { return answer.position }
            }
        }
        return nil
    }

    /// Whether an "ended" fact has taken effect: past its `to`, or from its `from` on; a feed's end after the grace.
    private func isOver(_ ending: PatientFacts.Entry) -> Bool {
        let begins = from(ending)
        let last = ending.fact.to ?? ending.fact.duration.map { calendar.end(of: $0, from: begins) }
        if ending.fact.kind == .relationshipEnded, ending.fact.byFeed {
            let grace = settings?.relationshipGracePeriod
            return point.instant
                > (grace.map { calendar.end(of: $0, from: last ?? begins) } ?? (last ?? begins))
        }
        if let last { return point.instant > last }
        return point.instant >= begins
    }

    /// Facts of a kind in force: within their period and not ended.
    func inForce(_ kind: PatientFactKind) -> [PatientFacts.Entry] {
        known.filter { $0.fact.kind == kind && isActive($0) && ended($0) == nil }
    }

    /// For facts that set and clear without an id: each subject's latest in force decides, and any subject's binds.
    func set(_ setting: PatientFactKind, clearedBy clearing: PatientFactKind) -> [Position] {
        let active = known.filter { ($0.fact.kind == setting || $0.fact.kind == clearing) && isActive($0) }
        guard !active.isEmpty else { return [] }
        return (0..<subjectCount).compactMap { subject in
            guard let latest = active.last(where: { $0.scope.restricts(subject) }),
                latest.fact.kind == setting
            else {
                return nil
            }
            return latest.position
        }
    }

    /// Objections that withhold: received and not declined since, with the upholding where there is one.
    var objections: [Position] {
        inForce(.objectionReceived).flatMap { received -> [Position] in
            let decisions = (received.fact.id.flatMap { answers[$0] } ?? []).filter {
                $0.position > received.position && $0.fact.kind.refersTo == .objectionReceived && isActive($0)
            }
            guard let last = decisions.last else { return [received.position] }
            return last.fact.kind == .objectionDeclined ? [] : [received.position, last.position]
        }
    }

    /// The death in force, and the last instant that relationships serve after it.
    var death: (position: Position, graceEnds: Instant)? {
        guard let entry = known.last(where: { $0.fact.kind == .deceased && isActive($0) }),
            let date = entry.fact.date
        else { return nil }
        let end = calendar.end(of: date)
        let graceEnds = settings.map { calendar.end(of: $0.relationshipGracePeriod, from: end) } ?? end
        return (entry.position, graceEnds)
    }
}
