import CareRecord
import EventLog
import Projections
import Wire

/// An alert out of the trail.
public struct RaisedAlert: Sendable {
    public var position: Position
    public var raisedAt: Instant
    public var alert: Alert
    /// Where its cause stands.
    public var about: Position
}

/// Alerts: raised with their cause, listed for those who review them (decision 11).
extension Store {
    /// The alert that a fact raises, if it raises one; `back` counts the records between.
    func alert(for fact: PatientFact, back: UInt64) throws(StoreError) -> Alert? {
        let kind: Alert.Kind
        switch fact.kind {
        case .overrideDeclared: kind = .override
        case .relationshipCreated where fact.relationship == .selfClaimed: kind = .selfClaim
        case .unlinked, .mergeReversed: kind = .unlinked
        default: return nil
        }
        let user = kind == .unlinked ? fact.recordedBy : fact.user
        return Alert(
            kind, back: back, user: user, organisations: try organisations(of: user),
            override: fact.overrideKind?.rawValue)
    }

    private func organisations(of user: String?) throws(StoreError) -> [String] {
        guard let user else { return [] }
        let head = try head()
        let now = DecisionPoint(instant: try clock(), position: head.position)
        return try regionState().history.state(at: now).organisations(of: user).sorted()
    }

    /// An alert's record. It names whom it is about by token alone, so an erasure leaves it whole.
    func alertRecord(_ alert: Alert, about tokens: [StreamToken]) throws(LogError) -> SealedRecord {
        try sealer.seal(
            .alert, stream: tokens.first ?? .none, slotB: .region,
            bodyB: [BodyItem(meta: FactTokens(tokens).encoded, alert.json)])
    }

    /// Alerts, oldest first, to an operator with `review-alerts` or `view-audit`; one without the scope `region` sees
    /// those that users of their own organisation gave cause for. Reading them is itself recorded.
    public func alerts(_ patient: PatientReference?, asker: Asker) throws(StoreError) -> [RaisedAlert] {
        let head = try catchUp()
        let identity = try operatorIdentity(asker, head: head)
        if let identity, !identity.mayAudit, !identity.activities.contains(Activity.reviewAlerts) {
            throw .refused("\(identity.user) has no role in force with the activity review-alerts")
        }
        let found = try StoreError.translating { () -> [RaisedAlert] in
            try trail.catchUp(to: head.position)
            let streams = try patient.map { try self.patient($0, at: head.position).streams }
            return try TrailReader(trail.view).alerts(about: streams).map { position in
                let record = try log.read(at: position)
                let alert = try opener.alert(of: record).alert
                return RaisedAlert(
                    position: position, raisedAt: record.header.recordedAt, alert: alert,
                    about: Position(position.value - min(alert.back, position.value)))
            }
        }.filter { raised in
            guard let identity, identity.scope != .region else { return true }
            return raised.alert.organisations.contains(identity.organisation ?? "")
        }
        try recordTrailReading(
            asker, about: try receipted(patient, head), patient: patient?.description,
            query: "access alerts" + (patient.map { " patient=\($0)" } ?? ""), shown: found.count, head: head)
        return found
    }
}
