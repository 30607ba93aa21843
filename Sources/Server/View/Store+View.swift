import CareRecord
import EventLog
import Projections
import Wire

extension Store {
    /// How often an answer at the head is decided again because the patient or policy moved meanwhile.
    static let maximumDecisions = 16

    /// What the user could see of the patient, decided, rendered and receipted. The receipt is durable when this returns.
    ///
    /// Without `at` it is the user's own access now, which only a simulated-clock store allows here.
    /// - Throws: `usage`, `refused` where the operator may not ask; `busy`.
    public func view(_ request: ViewRequest) throws(StoreError) -> ReceiptedAnswer {
        if request.at == nil, !isSimulated {
            throw .usage(
                "view --as \(request.user) without --at is that user's own access, which on a real store goes through "
                    + "the server; add --at WHEN and --operator USER to ask what they could see")
        }
        for _ in 0..<Self.maximumDecisions {
            if let answer = try viewOnce(request) { return answer }
        }
        throw .busy("the patient's record and policy kept moving; ask again")
    }

    /// - Returns: nil where something moved before the receipt was durable: nothing was served.
    private func viewOnce(_ request: ViewRequest) throws(StoreError) -> ReceiptedAnswer? {
        let view = try decided(request)
        return try receipt(view.answer, view.draft, policy: view.policy, head: view.head)
    }

    /// The body of a view that is shown to nobody, without a receipt: only to measure what the receipt costs.
    @_spi(Measurement) public func unreceiptedBody(_ request: ViewRequest) throws(StoreError) -> [UInt8] {
        try decided(request).answer.body
    }

    /// A view as it is before its receipt: not to be served.
    private struct DecidedView {
        var answer: ViewAnswer
        var draft: ReceiptDraft
        var policy: Position
        var head: LogHead
    }

    private func decided(_ request: ViewRequest) throws(StoreError) -> DecidedView {
        let head = try catchUp()
        let region = try regionState()
        let calendar = region.history.state(
            at: DecisionPoint(instant: head.recordedAt, position: head.position)
        ).calendar
        let point = try point(request.at, head: head, calendar: calendar)
        let patient = try patient(request.patient, at: point.position)
        let sight = try operatorSight(
            request.asker, of: request.user, patient: request.patient, caseReference: request.caseReference,
            isActual: request.at == nil, head: head)
        var draft = ReceiptDraft(
            kind: request.at == nil ? .actual : .simulated, question: .view, point: point, patient: patient,
            asked: request.patient.description, asker: request.asker, purpose: request.purpose,
            caseID: request.caseReference,
            query:
                "view as=\(request.user) patient=\(request.patient) at=\(request.at.map(\.description) ?? "now") "
                + "purpose=\(request.purpose) role=\(request.profile ?? "")")
        var answer = ViewAnswer(
            patient: request.patient.description, viewer: nil, position: point.position, time: point.shown,
            isFinal: point.isFinal, permitted: false, rule: "", basis: [], purpose: request.purpose,
            sources: try sources(at: point, region.history), isSimulatedClock: isSimulated)
        let asked = AccessRequest(
            viewer: Viewer(user: request.user, profile: request.profile), purpose: request.purpose,
            point: point.decision)
        switch region.history.decide(asked, patient: patient.facts) {
        case .usage(let text): throw .usage(text + ": --role PROFILE")
        case .withhold(let decision, let identity):
            answer.viewer = Receipt.Person(identity)
            answer.refuse(decision.rule, decision.basis)
        case .permit(let context):
            answer.viewer = Receipt.Person(context.viewer)
            try fill(&answer, &draft, context, patient, point, sight)
        }
        return DecidedView(
            answer: answer, draft: draft, policy: region.version(at: point.position), head: head)
    }

    /// The items, under a viewer whom nothing ends before them.
    private func fill(
        _ answer: inout ViewAnswer, _ draft: inout ReceiptDraft, _ context: ViewerContext,
        _ patient: PatientAtPoint,
        _ point: AskedPoint, _ sight: OperatorSight
    ) throws(StoreError) {
        guard context.relationship.permit else {
            answer.refuse(context.relationship.rule, context.relationship.basis)
            return
        }
        guard let union = patient.union else {
            answer.refuse(.unknownPatient, [])
            return
        }
        let assembly: ViewAssembly
        do throws(ProjectionError) {
            assembly = try ViewAssembly(
                records: try record.records(of: union.subjects, at: point.position),
                needs: context.looksAtNames ? .everything : context.looksAtCodes ? .codes : .nothing,
                decide: { context.decide($0) },
                lastCodes: { (subject, type, id) throws(ProjectionError) in
                    try self.record.lastCodes(
                        of: (type, id), under: union.subjects[subject], at: point.position,
                        opener: self.opener)
                })
        } catch { throw .projection(error) }
        answer.permitted = true
        answer.rule = context.decision.rule.rawValue
        answer.basis = context.decision.basis
        answer.items = assembly.items
        answer.tombstones = assembly.tombstones
        answer.apart = union.apart
        answer.identityChanged = union.changed
        draft.items = assembly.items
        draft.withheld = assembly.withheld
        if draft.kind == .actual { draft.spends = spent(by: assembly.items, patient) }
        if sight.mayKnowWithheld ?? context.viewer.activities.contains("view-withheld") {
            answer.withheld = assembly.withheld
        }
        if !sight.seesContent { answer.removeContent() }
    }

    /// The `once` permissions that what was shown stands on.
    private func spent(by items: [ViewItem], _ patient: PatientAtPoint) -> [Receipt.Spent] {
        let used = Set(items.flatMap(\.basis))
        return patient.stored
            .filter { $0.fact.kind == .permissionToView && $0.fact.once && used.contains($0.position) }
            .map { Receipt.Spent(permission: $0.position, under: $0.under) }
    }
}

extension ViewAnswer {
    mutating func refuse(_ rule: Rule, _ basis: [Position]) {
        permitted = false
        self.rule = rule.rawValue
        self.basis = basis
    }

    /// Leaves what an audit may see: category, source, times, rule.
    mutating func removeContent() {
        for index in items.indices {
            items[index].reference = ""
            items[index].resource = nil
        }
        for index in tombstones.indices { tombstones[index].reference = "" }
    }
}

extension Receipt.Person {
    init(_ identity: ViewerIdentity) {
        self.init(
            user: identity.user, name: identity.name, profile: identity.profile, role: identity.role,
            roleName: identity.roleName, organisation: identity.organisation,
            organisationName: identity.organisationName, workgroups: identity.workgroups)
    }
}
