import Wire

@testable import CareRecord

/// The decision read straight from docs/decisions/0002, clause by clause, over the whole list of facts: no index, no
/// memo, no shared code with what it checks.
struct NaiveDecision {
    typealias Event = (fact: RegionFact, position: Position, recordedAt: Instant)
    typealias Found<Value> = (value: Value, position: Position)

    let events: [Event]
    let patient: PatientFacts
    let t: Instant
    let p: Position
    let viewer: Viewer
    let purpose: String
    let byNumber: Bool

    init(_ world: PolicyWorld, _ request: AccessRequest) {
        (t, p, viewer, purpose) = (
            request.point.instant, request.point.position, request.viewer, request.purpose
        )
        byNumber = request.byNumber
        let last = p
        events = world.regionFacts.filter { $0.position <= last }
        patient = world.facts
    }

    enum Outcome<Value> {
        case unknown
        case over(Position)
        case inForce(Value, Position)

        var value: Value? { if case .inForce(let value, _) = self { value } else { nil } }
        var basis: [Position] {
            switch self {
            case .unknown: []
            case .over(let position), .inForce(_, let position): [position]
            }
        }
    }

    /// B1. `read` gives the version a fact states: .some(nil) for an end, nil for another matter.
    func version<Value>(begins: (Event) -> Instant = { $0.recordedAt }, _ read: (RegionFact) -> Value??)
        -> Outcome<Value>
    {
        let about = events.filter { read($0.fact) != nil }
        guard let last = about.filter({ begins($0) <= t }).max(by: { $0.position < $1.position }) else {
            return about.last.map { .over($0.position) } ?? .unknown
        }
        if case .some(.some(let value)) = read(last.fact) { return .inForce(value, last.position) }
        return .over(last.position)
    }

    struct Span<Value> {
        var declared: [(value: Value, position: Position, recordedAt: Instant)]
        var end: (position: Position, recordedAt: Instant)?
    }

    func spans<Value>(_ read: (RegionFact) -> Value??) -> [Span<Value>] {
        var out: [Span<Value>] = []
        for event in events {
            guard let said = read(event.fact) else { continue }
            if let value = said {
                if out.last == nil || out.last?.end != nil { out.append(Span(declared: [], end: nil)) }
                out[out.count - 1].declared.append((value, event.position, event.recordedAt))
            } else if out.last != nil, out.last?.end == nil {
                out[out.count - 1].end = (event.position, event.recordedAt)
            }
        }
        return out
    }

    /// B2 at an instant.
    func span<Value>(
        at instant: Instant, _ period: (Value) -> (Instant?, Instant?), _ read: (RegionFact) -> Value??
    ) -> (outcome: Outcome<Value>, span: Span<Value>?) {
        let all = spans(read)
        func state(_ span: Span<Value>) -> Outcome<Value> {
            let last = span.declared.last!
            if let end = span.end, end.recordedAt <= instant { return .over(end.position) }
            let (from, to) = period(last.value)
            let begins = from ?? span.declared[0].recordedAt
            return begins <= instant && instant <= to ?? .distantFuture
                ? .inForce(last.value, last.position) : .over(last.position)
        }
        if let live = all.last(where: { state($0).value != nil }) { return (state(live), live) }
        guard let last = all.last else { return (.unknown, nil) }
        return (state(last), last)
    }

    var settings: RegionSettings? {
        version { if case .settings(let value) = $0 { .some(.some(value)) } else { nil } }.value
    }

    var calendar: StoreCalendar { StoreCalendar.london }

    func details(_ ods: String) -> Outcome<OrganisationDetails> {
        version {
            switch $0 {
            case .organisationOnboarded(let value) where value.ods == ods: .some(.some(value))
            case .organisationChanged(let value) where value.ods == ods: .some(.some(value))
            default: nil
            }
        }
    }

    func closure(_ ods: String) -> (Position, OrganisationClosure)? {
        let closed = events.last {
            if case .organisationClosed(let value) = $0.fact { value.ods == ods } else { false }
        }
        guard let closed, case .organisationClosed(let value) = closed.fact,
            value.from ?? closed.recordedAt <= t
        else { return nil }
        let again = events.contains {
            if case .organisationOnboarded(let other) = $0.fact {
                other.ods == ods && $0.position > closed.position
            } else {
                false
            }
        }
        return again ? nil : (closed.position, value)
    }

    func charter(_ ods: String, at instant: Instant) -> Outcome<CharterSignature> {
        span(at: instant, { ($0.from, nil) }) {
            switch $0 {
            case .charterSigned(let value) where value.ods == ods: .some(.some(value))
            case .charterEnded(let end) where end.id == ods: .some(nil)
            default: nil
            }
        }.outcome
    }

    var user: Outcome<UserDetails> {
        version(begins: { event in
            if case .userRegistered(let value) = event.fact {
                return min(event.recordedAt, value.from ?? event.recordedAt)
            }
            return event.recordedAt
        }) {
            switch $0 {
            case .userRegistered(let value) where value.id == viewer.user: .some(.some(value))
            case .userChanged(let value) where value.id == viewer.user: .some(.some(value))
            case .userLeft(let end) where end.id == viewer.user: .some(nil)
            default: nil
            }
        }
    }

    func licence(_ ods: String) -> Outcome<LicenceAssignment> {
        span(at: t, { ($0.from, nil) }) {
            switch $0 {
            case .licenceAssigned(let value) where value.user == viewer.user && value.ods == ods:
                .some(.some(value))
            case .licenceReleased(let end) where end.user == viewer.user && end.id == ods: .some(nil)
            default: nil
            }
        }.outcome
    }

    func profile(_ id: String) -> (outcome: Outcome<RoleProfile>, span: Span<RoleProfile>?) {
        span(at: t, { ($0.from, $0.to) }) {
            switch $0 {
            case .roleProfileAssigned(let value) where value.user == viewer.user && value.id == id:
                .some(.some(value))
            case .roleProfileRevoked(let end) where end.user == viewer.user && end.id == id: .some(nil)
            default: nil
            }
        }
    }

    func baseline(_ code: String) -> Outcome<RoleBaseline> {
        version {
            switch $0 {
            case .roleBaseline(let value) where value.code == code: .some(.some(value))
            case .roleWithdrawn(let end) where end.id == code: .some(nil)
            default: nil
            }
        }
    }

    // C.
    func decide(_ item: ItemDescriptor) -> String {
        func no(_ rule: Rule, _ basis: [Position]) -> String { PolicyWorld.text(.withhold(rule, basis)) }
        let ids = Set(
            events.compactMap { event -> String? in
                if case .roleProfileAssigned(let value) = event.fact, value.user == viewer.user {
                    value.id
                } else {
                    nil
                }
            }
        ).sorted()
        let live = ids.filter { profile($0).outcome.value != nil }
        if viewer.profile == nil, live.count > 1 { return "usage" }
        guard let id = viewer.profile.map({ ids.contains($0) ? $0 : nil }) ?? live.first else {
            if user.value == nil { return no(.user, user.basis) }
            return no(.role, viewer.profile == nil ? ids.flatMap { profile($0).outcome.basis } : [])
        }
        let (standing, span) = profile(id)
        let known = span!.declared.last!.value
        if let (position, _) = closure(known.org) { return no(.organisation, [position]) }
        if details(known.org).value == nil { return no(.organisation, details(known.org).basis) }
        let charter = charter(known.org, at: t)
        if charter.value == nil { return no(.charter, charter.basis) }
        if user.value == nil { return no(.user, user.basis) }
        if licence(known.org).value == nil { return no(.licence, licence(known.org).basis) }
        guard case .inForce(let profile, let assigned) = standing else { return no(.role, standing.basis) }
        let baseline = baseline(profile.code)
        guard case .inForce(let role, let published) = baseline else {
            return no(.role, [assigned] + baseline.basis)
        }
        if !role.activities.contains("view-record") { return no(.activity, [assigned, published]) }
        let facts = NaivePatient(patient, t, p, settings)
        let excluded = facts.standing(.staffExcluded).filter { $0.fact.user == profile.user }
        let overrides = facts.overrides(profile, role)
        var told = facts.relationship(profile, role, purpose)
        if told.permit || overrides.contains(where: { $0.passes.contains(.relationship) }) {
            told = .withhold(.unknownPatient, [])
        }
        func untold(_ rule: Rule, _ basis: [Position]) -> String {
            no(rule, basis) + " concealed, told " + PolicyWorld.text(told)
        }
        if !excluded.isEmpty { return untold(.staffExclusion, excluded.map(\.position)) }
        let shields = facts.binding(.shieldSet, .shieldCleared)
        if let shields, !role.activities.contains("view-shielded"), !byNumber, told.rule == .unknownPatient {
            return untold(.shield, shields)
        }
        return PolicyWorld.text(decide(item, profile, assigned, role, published, facts))
    }

    // F.
    func decide(
        _ item: ItemDescriptor, _ profile: RoleProfile, _ assigned: Position, _ role: RoleBaseline,
        _ published: Position,
        _ facts: NaivePatient
    ) -> Decision {
        var controller = item.source
        var split: Position?
        for _ in 0..<16 {
            guard let (position, closure) = closure(controller), !closure.successors.isEmpty else { break }
            let local = patient.subjects[item.subject].localID
            let heir =
                closure.successors.first { $0.subjects?.contains(local) == true }
                ?? closure.successors.first { $0.subjects == nil }
            guard let heir else {
                split = position
                controller = ""
                break
            }
            controller = heir.ods
        }
        return decide(split, item, controller, profile, assigned, role, published, facts)
    }

    private func decide(
        _ split: Position?, _ item: ItemDescriptor, _ controller: String, _ profile: RoleProfile,
        _ assigned: Position,
        _ role: RoleBaseline, _ published: Position, _ facts: NaivePatient
    ) -> Decision {
        let own = controller == profile.org
        let overrides = facts.overrides(profile, role)
        let seals = facts.standing(.sealApplied).filter {
            ($0.fact.item == nil ? $0.fact.categories.contains(item.category) : facts.names($0.fact, item))
                && !($0.fact.by == profile.org
                    && ($0.fact.workgroup.map { profile.workgroups.contains($0) } ?? true))
        }
        let locked = seals.filter(\.fact.locked)
        let sets = exclusionSets.filter { !$0.codes.isDisjoint(with: item.codes) }
        let hidden = !locked.isEmpty || (!own && !sets.isEmpty)
        func no(_ rule: Rule, _ basis: [Position]) -> Decision {
            var out = Decision.withhold(rule, basis)
            if hidden { out.disclosure = .nothing }
            return out
        }
        var basis = [assigned]
        if let split { return no(.agreement, [split]) }
        if !own {
            switch agreement(controller, profile.org, item.category) {
            case .inForce(_, let position): basis.append(position)
            case .over: return no(.agreement, lapsed(controller, profile.org, item.category))
            case .unknown: return no(.agreement, [])
            }
        }
        if !role.categories.contains(item.category) { return no(.category, [assigned, published]) }
        if !own, !sets.isEmpty { return no(.exclusionSet, sets.map(\.position)) }
        var passed: [Position] = []
        for said in sharing(item, own, profile, role, facts) {
            if said.permit {
                basis += said.basis
            } else if let first = overrides.first(where: { $0.passes.contains(said.rule) }) {
                passed.append(first.position)
            } else {
                return no(said.rule, said.basis)
            }
        }
        let labels = labels(item, role, facts)
        if !labels.isEmpty {
            guard let first = overrides.first(where: { $0.passes.contains(.label) }) else {
                return no(.label, labels)
            }
            passed.append(first.position)
        }
        if !seals.isEmpty {
            let opens = overrides.first { $0.passes.contains(.seal) }
            if let opens, locked.isEmpty {
                passed.append(opens.position)
            } else {
                var out = no(.seal, (opens == nil ? seals : locked).map(\.position))
                if locked.isEmpty { out.disclosure = .sealedItem }
                return out
            }
        }
        let shields = facts.binding(.shieldSet, .shieldCleared)
        let redacts = shields != nil && !role.activities.contains("view-shielded")
        if redacts, [.gpPractice, .nextOfKin].contains(item.category) || item.type == "Location" {
            return .withhold(.shield, shields ?? [])
        }
        var out = Decision.permit(
            !passed.isEmpty ? .override : own ? .ownOrganisation : .agreement, basis + passed)
        if redacts { out.redaction.insert(.location) }
        if !own, exclusionSets.contains(where: { $0.narrative == .withhold }) {
            out.redaction.insert(.narrative)
        }
        return out
    }

    /// F 4 to 8, those that are asked.
    private func sharing(
        _ item: ItemDescriptor, _ own: Bool, _ profile: RoleProfile, _ role: RoleBaseline,
        _ facts: NaivePatient
    ) -> [Decision] {
        var out: [Decision] = []
        if !own {
            if let dissent = facts.binding(.dissentSet, .dissentWithdrawn) {
                out.append(.withhold(.dissent, dissent))
            }
            if let objection = facts.objections { out.append(.withhold(.objection, objection)) }
            if let denial = facts.denial(profile, item) { out.append(.withhold(.directive, [denial])) }
        }
        out.append(facts.relationship(profile, role, purpose))
        if !own, settings?.consentModel != .implied { out.append(facts.permission(profile, item.subject)) }
        return out
    }

    private func labels(_ item: ItemDescriptor, _ role: RoleBaseline, _ facts: NaivePatient) -> [Position] {
        let sets = codeSets {
            if case .sensitivityPublished(let set) = $0 { (set.label, set.codes) } else { nil }
        } ends: {
            if case .sensitivityEnded(let end) = $0 { end.id } else { nil }
        }.filter { !$0.codes.isDisjoint(with: item.codes) && !role.labels.contains($0.name) }
        let named = facts.standing(.itemLabelled).filter {
            facts.names($0.fact, item) && !role.labels.contains($0.fact.label!)
        }
        return sets.map(\.position) + named.map(\.position)
    }

    private var exclusionSets:
        [(name: String, codes: Set<Coding>, position: Position, narrative: ExclusionSet.Narrative)]
    {
        codeSets {
            if case .exclusionSetPublished(let set) = $0 { (set.id, set.codes) } else { nil }
        } ends: {
            if case .exclusionSetEnded(let end) = $0 { end.id } else { nil }
        }.map { found in
            let set = events.first { $0.position == found.position }!.fact
            guard case .exclusionSetPublished(let terms) = set else { fatalError("a published set") }
            return (found.name, found.codes, found.position, terms.narrative)
        }
    }

    func codeSets(
        _ published: (RegionFact) -> (String, [CodeList])?, ends: (RegionFact) -> String?
    ) -> [(name: String, codes: Set<Coding>, position: Position)] {
        let names = Set(events.compactMap { published($0.fact)?.0 })
        return names.compactMap { name in
            let found: Outcome<[CodeList]> = version { fact in
                if let (id, codes) = published(fact), id == name { return .some(codes) }
                return ends(fact) == name ? .some(nil) : nil
            }
            guard case .inForce(let lists, let position) = found else { return nil }
            let codes = lists.flatMap { list in
                (list.values + (list.expanded ?? [])).map { Coding(system: list.system, code: $0) }
            }
            return (name, Set(codes), position)
        }
    }
}
