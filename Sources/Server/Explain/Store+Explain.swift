import CareRecord
import EventLog
import Intake
import Projections
import Wire

extension Store {
    /// Why a user sees what they see of a patient: for the whole, or for one item. Receipted, as simulated.
    ///
    /// - Parameter item: `Type/id`, with Daybook's id or the source's.
    /// - Throws: `usage`; `refused` where the operator may not ask; `busy`.
    public func explain(_ request: ViewRequest, item: String? = nil) throws(StoreError) -> ReceiptedAnswer {
        try request.insistOnIDs()
        for _ in 0..<Self.maximumDecisions {
            if let answer = try explainOnce(request, item) { return answer }
        }
        throw .busy("the patient's record and policy kept moving; ask again")
    }

    private func explainOnce(_ request: ViewRequest, _ item: String?) throws(StoreError) -> ReceiptedAnswer? {
        let head = try catchUp()
        let region = try regionState()
        let calendar = region.history.state(
            at: DecisionPoint(instant: head.recordedAt, position: head.position)
        ).calendar
        let point = try point(request.at, head: head, calendar: calendar)
        let known = try known(request, point, head: head, calendar: calendar)
        let operatorSight = try explainingSight(request, head: head)
        let sight = try sight(request, at: point, known: known?.position, region.history)
        let telling = Telling(operatorSight, sight.viewer)
        try insistOnCase(sight, operatorSight)
        let history = try history(through: sight.request.point.position, of: region)
        var explanation = Explanation(request, sight, telling, isSimulated: isSimulated)
        explanation.knownAt = known?.position
        explanation.addWhole(sight, telling, history)
        if let item {
            let found = sight.outcomes.filter { $0.isNamed(item) && telling.tells($0) }
            explanation.addItem(item, found, sight, history)
        } else {
            explanation.addGroups(sight.outcomes.filter { telling.tells($0) })
        }
        explanation.events = try told(explanation.positions)
        var draft = ReceiptDraft(
            kind: .simulated, question: .explain, point: point, patient: sight.patient,
            asked: request.patient.description, asker: request.asker, purpose: request.purpose,
            caseID: request.caseReference,
            query: .text(
                "explain" + request.canonicalQuery.dropFirst(4) + (item.map { " item=\($0)" } ?? "")))
        draft.known = known?.position
        return try receipt(
            answer(sight, telling), body: explanation.json, draft,
            policy: region.version(at: sight.request.point.position),
            head: head)
    }

    /// Where a patient is may be read off the reasons: agreements and sources have names.
    func insistOnCase(_ sight: Sight, _ operatorSight: OperatorSight) throws(StoreError) {
        if sight.redactsLocation, !operatorSight.seesConcealed {
            throw .refused(
                "this patient's record is protected: what decides is told under an open case, --case REF")
        }
    }

    /// What a receipt takes from an answer: who, and what was decided of the whole.
    func answer(_ sight: Sight, _ telling: Telling) -> ViewAnswer {
        let whole = telling.whole(sight)
        return ViewAnswer(
            patient: "", viewer: sight.viewer.map { Receipt.Person($0) }, position: sight.point.position,
            time: sight.point.shown, isFinal: sight.point.isFinal, permitted: whole.permit,
            rule: whole.rule.rawValue,
            basis: whole.basis, purpose: sight.request.purpose, sources: [], isSimulatedClock: isSimulated)
    }
}

extension ItemOutcome {
    /// By Daybook's reference, the source's, or either id alone.
    fileprivate func isNamed(_ name: String) -> Bool {
        reference == name || "\(item.type)/\(item.sourceID)" == name || item.daybookID == name
            || item.sourceID == name
    }
}
