import CareRecord
import EventLog
import Projections
import Wire

/// What whoever asks may see of an answer that is somebody else's sight.
struct OperatorSight {
    var seesContent: Bool
    /// Nil: the viewer's own role decides whether what is withheld is counted.
    var mayKnowWithheld: Bool?
    /// Under a case: what is told to nobody else, too.
    var seesConcealed = false
    /// The operator's organisation, where that is all whose items they may be told of.
    var onlyItemsOf: String?
}

extension Store {
    /// The user that operates: on a simulated-clock store the owner where nobody is named, elsewhere somebody must be.
    ///
    /// - Throws: `usage` where nobody is named on a real store.
    func operatorIdentity(_ asker: Asker, head: LogHead) throws(StoreError) -> ViewerIdentity? {
        guard let user = asker.user else {
            if isSimulated { return nil }
            throw .usage(
                "say who asks: --operator USER, a user of this region (only a simulated-clock store has an owner)"
            )
        }
        let now = DecisionPoint(instant: try clock(), position: head.position)
        let state = try regionState().history.state(at: now)
        if let profile = asker.profile {
            guard case .admitted(let identity) = state.admits(Viewer(user: user, profile: profile)) else {
                throw .refused("policy no longer lets \(user) in as \(profile)")
            }
            return identity
        }
        guard state.user(user).terms != nil else {
            throw .refused("--operator \(user): no such user in force")
        }
        return state.identity(of: Viewer(user: user))
    }

    /// What the operator may see of `user`'s sight.
    ///
    /// - Throws: `refused` where they may not ask at all.
    func operatorSight(
        _ asker: Asker, of user: String?, patient: PatientReference, caseReference: String?, isActual: Bool,
        head: LogHead
    ) throws(StoreError) -> OperatorSight {
        if isActual, caseReference == nil, asker.user == nil || asker.user == user {
            return OperatorSight(seesContent: true, mayKnowWithheld: nil)
        }
        let identity = try operatorIdentity(asker, head: head)
        let isUnderCase = try caseReference.map { reference throws(StoreError) in
            guard try isOpen(reference, for: patient, head: head) else {
                throw .refused(
                    "case \(reference) is not open for this patient now: `caseOpened` records one")
            }
            guard identity?.mayAudit ?? true else { throw Self.noAudit(identity) }
            return true
        }
        guard let identity else {
            return OperatorSight(seesContent: true, seesConcealed: isUnderCase ?? false)
        }
        let knows = identity.activities.contains(Activity.viewWithheld) ? true : nil
        if identity.user == user {
            return OperatorSight(
                seesContent: true, mayKnowWithheld: knows, seesConcealed: isUnderCase ?? false)
        }
        guard identity.mayAudit else { throw Self.noAudit(identity) }
        if isUnderCase ?? false {
            return OperatorSight(seesContent: true, mayKnowWithheld: knows, seesConcealed: true)
        }
        let reach = try reach(identity, of: user, head: head)
        return OperatorSight(seesContent: false, mayKnowWithheld: knows, onlyItemsOf: reach)
    }

    private static func noAudit(_ identity: ViewerIdentity?) -> StoreError {
        .refused(
            "\(identity?.user ?? "the operator") has no role in force with the activity view-audit, which asking about others' sight needs"
        )
    }

    /// The organisation whose items alone the operator may be told of: nil where the viewer is of their own
    /// organisation, or their scope is the region.
    private func reach(
        _ identity: ViewerIdentity, of user: String?, head: LogHead
    ) throws(StoreError) -> String? {
        if identity.scope == .region { return nil }
        let now = DecisionPoint(instant: try clock(), position: head.position)
        let state = try regionState().history.state(at: now)
        if let own = identity.organisation, user.map({ state.organisations(of: $0).contains(own) }) ?? false {
            return nil
        }
        return identity.organisation ?? ""
    }

    /// Whether the case is open for the patient now.
    func isOpen(_ reference: String, for patient: PatientReference, head: LogHead) throws(StoreError) -> Bool
    {
        let now = DecisionPoint(instant: try clock(), position: head.position)
        let state = try regionState().history.state(at: now)
        let facts = try self.patient(patient, at: head.position).facts
        return state.openCases(facts).contains(reference)
    }
}

extension ViewerIdentity {
    var mayAudit: Bool { activities.contains(Activity.viewAudit) }
}
