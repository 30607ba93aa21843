import CareRecord
import EventLog
import Projections
import Wire

extension Store {
    /// All that is held of a patient, before policy: for the store's owner, or under an open case. Receipted.
    ///
    /// - Throws: `refused` where neither holds.
    public func record(_ request: RecordRequest) throws(StoreError) -> ReceiptedAnswer {
        for _ in 0..<Self.maximumDecisions {
            if let answer = try recordOnce(request) { return answer }
        }
        throw .busy("the patient's record kept moving; ask again")
    }

    private func recordOnce(_ request: RecordRequest) throws(StoreError) -> ReceiptedAnswer? {
        let head = try catchUp()
        let region = try regionState()
        let calendar = region.history.state(
            at: DecisionPoint(instant: head.recordedAt, position: head.position)
        ).calendar
        let point = try point(request.at, head: head, calendar: calendar)
        let identity = try operatorIdentity(request.asker, head: head)
        if let identity {
            guard let reference = request.caseReference,
                try isOpen(reference, for: request.patient, head: head)
            else {
                throw .refused(
                    "\(identity.user) sees content only under an open case for this patient: --case REF")
            }
            guard identity.activities.contains("view-audit") else {
                throw .refused("\(identity.user) has no role in force with the activity view-audit")
            }
        }
        let patient = try patient(request.patient, at: point.position)
        var draft = ReceiptDraft(
            kind: .actual, question: .record, point: point, patient: patient,
            asked: request.patient.description,
            asker: request.asker, purpose: nil, caseID: request.caseReference,
            query: .text("record patient=\(request.patient) at=\(request.at.map(\.description) ?? "now")"))
        var answer = ViewAnswer(
            patient: request.patient.description, viewer: nil, position: point.position, time: point.shown,
            isFinal: point.isFinal, permitted: false, rule: Rule.unknownPatient.rawValue, basis: [],
            purpose: nil,
            sources: try sources(at: point, region.history), isSimulatedClock: isSimulated)
        if let union = patient.union {
            let parts: CategorySet
            do throws(ProjectionError) {
                (answer.items, answer.tombstones, parts) = try ViewAssembly.everything(
                    try record.records(of: union.subjects, at: point.position))
            } catch { throw .projection(error) }
            answer.permitted = true
            answer.rule = "record"
            answer.apart = union.apart
            answer.identityChanged = try recentChange(of: union, at: point, calendar)
            answer.absent = AbsentCategories(of: .all.subtracting(parts), besides: answer.items)
            answer.erased = try erasedNotices(of: union.subjects)
            draft.items = answer.items
        }
        return try receipt(answer, draft, policy: region.version(at: point.position), head: head)
    }
}
