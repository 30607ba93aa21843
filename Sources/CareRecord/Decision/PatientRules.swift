import Wire

/// A patient's facts known at one point, with what is asked of each worked out once: entries are large, so the rules
/// pass indices about and read the one field they need in place.
struct PatientRules {
    /// A known entry, by the index of `entries`.
    struct Known {
        var index: Int
        var kind: PatientFactKind
        var position: Position
        var from: Instant
        /// Its period covers the instant.
        var isActive: Bool
    }

    let point: DecisionPoint
    let calendar: StoreCalendar
    let settings: RegionSettings?
    let entries: [PatientFacts.Entry]
    let subjectCount: Int
    /// Ascending by position.
    private(set) var known: [Known] = []
    /// Those of `known` that end or decide others.
    private var answers: [Known] = []
    /// A bit for each kind that is known at all.
    private var kinds: UInt64 = 0

    init(_ facts: PatientFacts, state: RegionState) {
        point = state.point
        settings = state.settings.terms
        calendar = state.calendar(of: settings)
        entries = facts.entries
        subjectCount = max(1, facts.subjects.count)
        known.reserveCapacity(entries.count)
        var ascending = true
        for index in entries.indices {
            let position = entries[index].position
            guard position <= point.position else { continue }
            let kind = entries[index].fact.kind
            let from = from(index)
            if let last = known.last, last.position > position { ascending = false }
            known.append(
                Known(
                    index: index, kind: kind, position: position, from: from,
                    isActive: covers(index, kind, from)))
            kinds |= Self.bit(kind)
        }
        if !ascending { known.sort { $0.position < $1.position } }
        for entry in known where entry.kind.refersTo != nil { answers.append(entry) }
    }

    private static func bit(_ kind: PatientFactKind) -> UInt64 { 1 << UInt64(kind.storedIndex) }

    func has(_ kind: PatientFactKind) -> Bool { kinds & Self.bit(kind) != 0 }

    private func from(_ index: Int) -> Instant {
        if let from = entries[index].fact.from { return from }
        if entries[index].fact.kind == .deceased, let date = entries[index].fact.date {
            return calendar.start(of: date)
        }
        return entries[index].recordedAt
    }

    /// The end that the fact states: `to`, or the end of `for`.
    func statedEnd(_ index: Int, _ from: Instant) -> Instant? {
        if let to = entries[index].fact.to { return to }
        return entries[index].fact.duration.map { calendar.end(of: $0, from: from) }
    }

    private func covers(_ index: Int, _ kind: PatientFactKind, _ from: Instant) -> Bool {
        guard from <= point.instant else { return false }
        let stated = statedEnd(index, from)
        if let stated, point.instant > stated { return false }
        switch kind {
        case .permissionToView:
            // Of a stated end and the region's period the earlier counts where it is for one view only.
            guard stated == nil || entries[index].fact.once, let period = settings?.permissionToViewPeriod
            else {
                return true
            }
            return point.instant <= calendar.end(of: period, from: from)
        case .overrideDeclared:
            guard stated == nil, let period = settings?.overridePeriod else { return true }
            return point.instant <= calendar.end(of: period, from: from)
        default: return true
        }
    }

    /// The event that ended the fact by the point: one that names its id, is recorded after it and has taken effect.
    func ended(_ entry: Known) -> Position? {
        guard !answers.isEmpty, let id = entries[entry.index].fact.id else { return nil }
        for answer in answers where answer.position > entry.position && answer.kind.refersTo == entry.kind {
            guard entries[answer.index].fact.id == id else { continue }
            switch answer.kind {
            case .objectionUpheld, .objectionDeclined: continue
            case .relationshipEnded, .staffExclusionEnded, .overrideEnded, .caseClosed, .legalHoldEnded:
                if isOver(answer) { return answer.position }
            default: if answer.isActive { return answer.position }
            }
        }
        return nil
    }

    /// Whether an "ended" fact has taken effect: past its `to`, or from its `from` on; a feed's end after the grace.
    private func isOver(_ ending: Known) -> Bool {
        let last = statedEnd(ending.index, ending.from)
        if ending.kind == .relationshipEnded, entries[ending.index].fact.byFeed {
            let grace = settings?.relationshipGracePeriod
            let end = last ?? ending.from
            return point.instant > (grace.map { calendar.end(of: $0, from: end) } ?? end)
        }
        if let last { return point.instant > last }
        return point.instant >= ending.from
    }

    /// Facts of a kind in force: within their period and not ended.
    func inForce(_ kind: PatientFactKind) -> [Known] {
        guard has(kind) else { return [] }
        return known.filter { $0.kind == kind && $0.isActive && ended($0) == nil }
    }

    /// For facts that set and clear without an id: each subject's latest in force decides, and any subject's binds.
    func set(_ setting: PatientFactKind, clearedBy clearing: PatientFactKind) -> [Position] {
        guard has(setting) else { return [] }
        let active = known.filter { ($0.kind == setting || $0.kind == clearing) && $0.isActive }
        guard !active.isEmpty else { return [] }
        return (0..<subjectCount).compactMap { subject in
            guard let latest = active.last(where: { entries[$0.index].scope.restricts(subject) }),
                latest.kind == setting
            else { return nil }
            return latest.position
        }
    }

    /// Objections that withhold: received and not declined since, with the upholding where there is one.
    var objections: [Position] {
        inForce(.objectionReceived).flatMap { received -> [Position] in
            let id = entries[received.index].fact.id
            let last = answers.last {
                $0.kind.refersTo == .objectionReceived && $0.position > received.position && $0.isActive
                    && id != nil
                    && entries[$0.index].fact.id == id
            }
            guard let last else { return [received.position] }
            return last.kind == .objectionDeclined ? [] : [received.position, last.position]
        }
    }

    /// The death in force, and the last instant that relationships serve after it.
    var death: (position: Position, graceEnds: Instant)? {
        guard has(.deceased), let entry = known.last(where: { $0.kind == .deceased && $0.isActive }),
            let date = entries[entry.index].fact.date
        else { return nil }
        let end = calendar.end(of: date)
        let graceEnds = settings.map { calendar.end(of: $0.relationshipGracePeriod, from: end) } ?? end
        return (entry.position, graceEnds)
    }
}
