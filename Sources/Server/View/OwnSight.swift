import CareRecord
import EventLog
import Projections
import Wire

/// Sight of another time in the asker's own right: of what policy then let them see, that which policy of now lets them see as well. So a
/// question about another time passes no restriction that was set since, and none that was lifted since.
struct OwnSight {
    let then: ViewerContext
    /// Nil where the whole of the question is decided by `then`: it is about now, or asked under a case.
    let now: ViewerContext?
    /// For each subject of then, its place among those of now; nil for one that is the patient's no more.
    private let places: [Int?]

    init(_ context: ViewerContext) { (then, now, places) = (context, nil, []) }

    init(_ then: ViewerContext, _ union: PatientUnion, now: ViewerContext, _ current: PatientUnion) {
        (self.then, self.now) = (then, now)
        places = union.subjects.map { current.subjects.firstIndex(of: $0) }
    }

    var redactsLocation: Bool { then.redactsLocation || now?.redactsLocation ?? false }
    var seesShielded: Bool { then.seesShielded || now?.seesShielded ?? false }
    var looksAtNames: Bool { then.looksAtNames || now?.looksAtNames ?? false }
    var looksAtCodes: Bool { then.looksAtCodes || now?.looksAtCodes ?? false }

    /// Whether the viewer's role has an activity, then and now.
    func may(_ activity: String) -> Bool {
        then.viewer.activities.contains(activity)
            && now.map { $0.viewer.activities.contains(activity) } ?? true
    }

    func decide(_ item: ItemDescriptor) -> Decision {
        var decision = then.decide(item)
        guard let now, decision.permit else { return decision }
        guard let place = places[item.subject] else { return .withhold(.unknownPatient, []) }
        var item = item
        item.subject = place
        let current = now.decide(item)
        guard current.permit else { return current }
        decision.redaction.formUnion(current.redaction)
        decision.basis = Set(decision.basis + current.basis).sorted()
        return decision
    }

    /// Overrides in force, and relationships that the viewer claimed themself.
    var declared: [Position] {
        [then, now].compactMap(\.self).flatMap { $0.overrides.map(\.position) + $0.selfClaims }
    }

    /// What the view as a whole stands on.
    var basis: [Position] { then.decision.basis + (now?.decision.basis ?? []) }
}

extension Store {
    /// What a viewer may see of a patient whom policy then let them see; and where that is in their own right, the patient as of now.
    enum OwnRight {
        case permit(OwnSight, PatientAtPoint?)
        /// Policy of now says no.
        case withhold(Decision)
    }

    func ownRight(
        _ request: ViewRequest, _ then: ViewerContext, _ known: PatientAtPoint, _ history: RegionHistory,
        head: LogHead
    ) throws(StoreError) -> OwnRight {
        guard request.isInOwnRight, request.at != nil, then.decision.permit, let union = known.union else {
            return .permit(OwnSight(then), nil)
        }
        let point = DecisionPoint(instant: try clock(), position: head.position)
        let patient = try patient(request.patient, at: head.position)
        let asked = AccessRequest(
            viewer: Viewer(user: request.user, profile: request.profile), purpose: request.purpose,
            point: point, byNumber: request.patient.isNumber)
        switch history.decide(asked, patient: patient.facts) {
        case .usage(let text): throw .usage(text + ": --role PROFILE")
        case .withhold(let decision, _): return .withhold(decision)
        case .concealed(_, let told, _): return .withhold(told)
        case .permit(let now):
            guard now.decision.permit else { return .withhold(now.decision) }
            guard let current = patient.union else { return .withhold(.withhold(.unknownPatient, [])) }
            return .permit(OwnSight(then, union, now: now, current), patient)
        }
    }
}
