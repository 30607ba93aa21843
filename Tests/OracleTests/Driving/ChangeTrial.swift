import CareRecord
import Wire

/// Appends an event that an explanation says would change the answer to what the oracle knows, and asks the oracle again.
struct ChangeTrial {
    private(set) var events: [LoggedEvent]
    private var asked: Asked
    private let instant: Int64

    /// - Parameters:
    ///   - asOf: as of when the question is.
    ///   - known: what came after it is forgotten.
    init(_ events: [LoggedEvent], _ asked: Asked, _ asOf: AsOf, known: UInt64) {
        self.events = Array(events.prefix(Int(known)))
        self.asked = asked
        // Several batches of one commit have one instant: a position stays one, where more is known than it.
        var isPosition = false
        if case .position = asked.when { isPosition = true }
        if asked.knownAt == nil || !isPosition { self.asked.when = .instant(asOf.instant) }
        instant = asOf.instant
    }

    /// - Returns: whether the oracle has such an event.
    mutating func append(_ event: ChangingEvent.Event, subjects: [SubjectID]) -> Bool {
        switch event {
        case .patient(let fact, let scope):
            guard let spec = FactSpec(fact) else { return false }
            for index in scope {
                var spec = spec
                spec.patient = .subject(
                    SubjectName(
                        organisation: subjects[index].organisation, localID: subjects[index].localID))
                append(.fact(spec))
            }
            if scope.isEmpty {
                var spec = spec
                spec.patient = asked.patient
                append(.fact(spec))
            }
            return true
        case .region(let fact):
            // The oracle knows a region as whole files: one made up of the last file, where that came later, would bring all of it back.
            guard
                !events.contains(where: { event in
                    if case .region = event.what { event.time > instant } else { false }
                })
            else { return false }
            guard let (spec, key) = changed(by: fact) else { return false }
            append(.region(spec, facts: [key: UInt64(events.count) + 1]))
            return true
        }
    }

    private mutating func append(_ what: LoggedEvent.What) {
        let position = UInt64(events.count) + 1
        events.append(
            LoggedEvent(
                position: position, time: instant, batchFirst: position, batchLast: position, what: what))
        // What should have been seen: with this known too.
        if asked.knownAt != nil { asked.knownAt = .position(position) }
    }

    /// The region as it would stand.
    private func changed(by fact: RegionFact) -> (RegionSpec, String)? {
        guard var spec = RegionAsOf(events: events)?.last else { return nil }
        let key = RegionFactKey.of(fact.kind.rawValue, fact.summary.id)
        switch fact {
        case .agreementSigned(let terms):
            spec.agreements.append(
                RegionSpec.Agreement(
                    id: terms.id, controller: terms.controller, recipients: terms.recipients,
                    categories: terms.categories.names, purposes: terms.purposes))
        case .roleBaseline(let role):
            guard let index = spec.roles.firstIndex(where: { $0.code == role.code }) else { return nil }
            spec.roles[index].categories = role.categories.names
            spec.roles[index].labels = role.labels
            spec.roles[index].activities = role.activities
        case .exclusionSetEnded(let end): spec.exclusions.removeAll { $0.name == end.id }
        case .agreementEnded(let end): spec.agreements.removeAll { $0.id == end.id }
        default:
            guard changeViewer(&spec, by: fact) else { return nil }
        }
        return (spec, key)
    }

    /// What a viewer stands on: their organisation, its charter, their registration, licence and role.
    private func changeViewer(_ spec: inout RegionSpec, by fact: RegionFact) -> Bool {
        switch fact {
        case .organisationOnboarded(let details):
            guard let at = spec.organisations.firstIndex(where: { $0.ods == details.ods }) else {
                return false
            }
            (spec.organisations[at].closed, spec.organisations[at].successors) = (nil, [])
        case .charterSigned(let charter):
            guard let at = spec.organisations.firstIndex(where: { $0.ods == charter.ods }) else {
                return false
            }
            spec.organisations[at].charterInstant = charter.from.microseconds
        case .userRegistered(let details):
            spec.users.append(RegionSpec.User(id: details.id, profiles: []))
        case .licenceAssigned(let licence):
            spec.licences.insert("\(licence.user) \(licence.ods)")
        case .roleProfileAssigned(let assigned):
            guard let at = spec.users.firstIndex(where: { $0.id == assigned.user }),
                var profile = RegionAsOf(events: events)?.profiles(of: assigned.user)
                    .first(where: { $0.name == assigned.id })
            else { return false }
            (profile.from, profile.to) = (nil, nil)
            // The licence that a role needs was asked for before it, and stays as it is.
            spec.licences.insert("\(assigned.user) \(profile.organisation)")
            spec.users[at].profiles.removeAll { $0.name == profile.name }
            spec.users[at].profiles.append(profile)
        case .roleProfileRevoked(let end):
            guard let at = spec.users.firstIndex(where: { $0.id == end.user }) else { return false }
            // A licence outlives the role that it came with.
            for profile in spec.users[at].profiles {
                spec.licences.insert("\(end.user ?? "") \(profile.organisation)")
            }
            spec.users[at].profiles.removeAll { $0.name == end.id }
        default: return false
        }
        return true
    }

    /// The view as a whole, where no relationship serves: an override may.
    private var whole: Verdict? {
        guard case .view(let view) = ViewModel(events: events, clock: instant).answer(asked) else {
            return nil
        }
        return view.outcome == "permit"
            ? .permit(view.rule, view.basis.map(Optional.some)) : .withhold(view.rule, view.basis)
    }

    /// What the oracle now says of one item, or of the view as a whole.
    func verdict(on item: (key: String, subject: SubjectName, category: String)?) -> Verdict? {
        switch ViewModel(events: events, clock: instant).decisions(asked) {
        case .usage: return nil
        case .withheld(let verdict), .concealed(let verdict, _): return verdict
        case .decided(let relationship, let items):
            guard let item else { return relationship.permit ? relationship : whole }
            return items.first {
                $0.0.key == item.key && $0.0.subject == item.subject && $0.category == item.category
            }?
            .2
        }
    }
}

extension FactSpec {
    /// - Returns: nil for a kind that the oracle does not know.
    init?(_ fact: PatientFact) {
        guard let kind = Kind(rawValue: fact.kind.rawValue) else { return nil }
        self.init(kind: kind)
        (id, user, organisation, workgroup) = (fact.id, fact.user, fact.org, fact.workgroup)
        recordedBy = fact.recordedBy
        word =
            fact.relationship?.rawValue ?? fact.permissionBasis?.rawValue ?? fact.outcome?.rawValue
            ?? fact.overrideKind?.rawValue
        categories = fact.categories.isEmpty ? [] : fact.categories.names
        organisations = fact.organisations
    }
}
