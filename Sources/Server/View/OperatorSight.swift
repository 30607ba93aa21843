import CareRecord
import EventLog
import Projections
import Wire

/// What whoever asks may see of an answer that is somebody else's sight.
struct OperatorSight {
    var seesContent: Bool
    /// Nil: the viewer's own role decides whether what is withheld is counted.
    var mayKnowWithheld: Bool?
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
        if isActual, asker.user == nil || asker.user == user {
            return OperatorSight(seesContent: true, mayKnowWithheld: nil)
        }
        guard let identity = try operatorIdentity(asker, head: head) else {
            return OperatorSight(seesContent: true, mayKnowWithheld: nil)
        }
        let knows = identity.activities.contains("view-withheld") ? true : nil
        if identity.user == user { return OperatorSight(seesContent: true, mayKnowWithheld: knows) }
        guard identity.activities.contains("view-audit") else {
            throw .refused(
                "\(identity.user) has no role in force with the activity view-audit, which asking about others' sight needs"
            )
        }
        if let caseReference {
            guard try isOpen(caseReference, for: patient, head: head) else {
                throw .refused(
                    "case \(caseReference) is not open for this patient now: `caseOpened` records one")
            }
            return OperatorSight(seesContent: true, mayKnowWithheld: knows)
        }
        return OperatorSight(seesContent: false, mayKnowWithheld: knows)
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
