import CareRecord
import EventLog
import Projections
import Wire

extension Store {
    /// How often an answer at the head is decided again because the patient or policy moved meanwhile.
    public static let maximumDecisions = 16

    /// What the user could see of the patient, decided, rendered and receipted. The receipt is durable when this returns.
    ///
    /// Without `at` it is the user's own access now, which only a simulated-clock store allows here.
    /// - Throws: `usage`, `refused` where the operator may not ask; `busy`.
    public func view(_ request: ViewRequest) throws(StoreError) -> ReceiptedAnswer {
        try request.insistOnIDs()
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
    struct DecidedView {
        var answer: ViewAnswer
        var draft: ReceiptDraft
        var policy: Position
        var head: LogHead
        /// `Type/id` of every item that is held and not shown.
        var hidden: Set<String> = []
        /// The sources of all that may be shown, whatever of it was asked for.
        var sources: Set<String> = []
        /// Of a viewer whom nothing ends before the items.
        var sight: OwnSight?

        var context: ViewerContext? { sight?.then }
    }

    /// - Parameters:
    ///   - pinned: serve the record as it was there, to whoever may see it now: a later page of an answer.
    ///   - isBare: the decision and its items alone, without what a view tells beside them: earlier values, sources, what is absent.
    ///   - only: `Type/id` of the one item that is of use; all are decided, and the others not made.
    func decided(
        _ request: ViewRequest, pinned: Position? = nil, isBare: Bool = false, only: String? = nil
    ) throws(StoreError) -> DecidedView {
        let head = try catchUp()
        let region = try regionState()
        let calendar = region.history.state(
            at: DecisionPoint(instant: head.recordedAt, position: head.position)
        ).calendar
        var point = try point(request.at, head: head, calendar: calendar)
        let known = try known(request, point, head: head, calendar: calendar)
        let decisionPoint = DecisionPoint(instant: point.instant, position: known?.position ?? point.position)
        if let pinned { point.position = min(pinned, point.position) }
        let patient = try patient(request.patient, at: decisionPoint.position)
        let sight = try operatorSight(
            request.asker, of: request.user, patient: request.patient, caseReference: request.caseReference,
            isActual: request.at == nil, head: head)
        // Filled where it lies: an answer is many references, and a copy counts every one.
        var view = DecidedView(
            answer: ViewAnswer(
                patient: request.patient.description, viewer: nil, position: point.position,
                time: point.shown,
                isFinal: point.isFinal && known?.isFinal ?? true, permitted: false, rule: "", basis: [],
                purpose: request.purpose,
                sources: isBare ? [] : try sources(at: point, region.history), isSimulatedClock: isSimulated),
            draft: ReceiptDraft(
                kind: request.at == nil ? .actual : .simulated, question: .view, point: point,
                patient: patient,
                asked: request.patient.description, asker: request.asker, purpose: request.purpose,
                caseID: request.caseReference, query: .view(request)),
            policy: region.version(at: decisionPoint.position), head: head)
        view.draft.known = known?.position ?? (pinned == nil ? nil : decisionPoint.position)
        view.answer.knownAt = known.map { ViewAnswer.KnownAt(position: $0.position, time: $0.shown) }
        let asked = AccessRequest(
            viewer: Viewer(user: request.user, profile: request.profile), purpose: request.purpose,
            point: decisionPoint, byNumber: request.patient.isNumber)
        let viewer: ViewerIdentity
        var lacksPermission = false
        switch region.history.decide(asked, patient: patient.facts) {
        case .usage(let text): throw .usage(text + ": --role PROFILE")
        case .withhold(let decision, let identity):
            viewer = identity
            view.answer.refuse(decision.rule, decision.basis)
        case .concealed(let decision, let told, let identity):
            viewer = identity
            let shown = sight.seesConcealed ? decision : told
            view.answer.refuse(shown.rule, shown.basis)
            view.draft.decided = ReceiptDetail.Decided(rule: decision.rule.rawValue, basis: decision.basis)
        case .permit(let context):
            viewer = context.viewer
            lacksPermission = context.lacksPermission
            switch try ownRight(request, context, patient, region.history, head: head) {
            case .withhold(let decision): view.answer.refuse(decision.rule, decision.basis)
            case .permit(let own, let current):
                view.draft.own = current
                (view.hidden, view.sources) = try fill(
                    &view.answer, &view.draft, own, patient, point, sight, isBare: isBare, only: only)
                view.sight = own
            }
        }
        view.answer.viewer = Receipt.Person(viewer)
        if !isBare {
            view.answer.offers = region.history.state(at: decisionPoint).offers(
                to: viewer, deniedBy: view.answer.denials(lacksPermission: lacksPermission))
        }
        return view
    }

    /// Until when what is recorded counts: nil for *could see*.
    func known(
        _ request: ViewRequest, _ point: AskedPoint, head: LogHead, calendar: StoreCalendar
    ) throws(StoreError) -> AskedPoint? {
        guard let when = request.knownAt else { return nil }
        guard request.at != nil else {
            throw .usage("--known-at asks what should have been seen at a time: add --at WHEN")
        }
        let known = try self.point(when, head: head, calendar: calendar)
        guard known.position >= point.position else {
            throw .usage(
                "--known-at \(when) is before --at: what was recorded by \(point.position) was known")
        }
        return known
    }

    /// The items, under a viewer whom nothing ends before them.
    ///
    /// - Returns: `Type/id` of what is held and not shown, as an answer would name it; and the sources of what may be.
    private func fill(
        _ answer: inout ViewAnswer, _ draft: inout ReceiptDraft, _ own: OwnSight,
        _ patient: PatientAtPoint, _ point: AskedPoint, _ sight: OperatorSight, isBare: Bool, only: String?
    ) throws(StoreError) -> (hidden: Set<String>, sources: Set<String>) {
        let context = own.then
        guard context.decision.permit else {
            answer.refuse(context.decision.rule, context.decision.basis)
            return ([], [])
        }
        guard let union = patient.union else {
            answer.refuse(.unknownPatient, [])
            return ([], [])
        }
        var assembly: ViewAssembly
        let records: [[CategoryRecord]]
        var before: Set<Position> = []
        do throws(ProjectionError) {
            records = try record.records(of: union.subjects, at: point.position)
            assembly = try ViewAssembly(
                records: records,
                needs: own.looksAtNames ? .everything : own.looksAtCodes ? .codes : .nothing,
                decide: own.now == nil ? { context.decide($0) } : { own.decide($0) },
                lastCodes: { (subject, type, id) throws(ProjectionError) in
                    try self.record.lastCodes(
                        of: (type, id), under: union.subjects[subject], at: point.position,
                        opener: self.opener)
                },
                // Where a patient is shielded, answers name items by other ids.
                only: own.redactsLocation ? nil : only)
            draft.items = assembly.takeItems()
            if sight.seesContent, !isBare, !assembly.corrected.isEmpty {
                before = try addPrevious(to: &draft.items, assembly.corrected, records, union, own)
            }
            // The receipt names items by their own ids, whatever the answer shows; its digest is of what is shown.
            for index in draft.items.indices where !draft.items[index].redaction.isEmpty {
                draft.items[index] = try draft.items[index].redacted(opaque(patient.asked))
            }
        } catch { throw .projection(error) }
        let hidden =
            own.redactsLocation
            ? Set(assembly.hidden.map { ItemRedaction.reference($0, opaque(patient.asked)) })
            : assembly.hidden
        if !hidden.isEmpty { draft.items = try ReferenceRemoval(hidden).applied(to: draft.items) }
        answer.permitted = true
        answer.rule = context.decision.rule.rawValue
        answer.basis = context.decision.basis
        answer.items = draft.items
        answer.tombstones = assembly.tombstones
        answer.apart = union.apart
        if !isBare {
            answer.identityChanged = try recentChange(of: union, at: point, context.calendar)
            answer.erased = try erasedNotices(of: union.subjects)
        }
        draft.withheld = assembly.withheld
        draft.concealed = assembly.concealed
        let shown = draft.items
        use(ViewItem.basis(of: shown).union(before), own, &draft)
        if sight.mayKnowWithheld ?? context.viewer.activities.contains(Activity.viewWithheld) {
            answer.withheld = assembly.withheld
        }
        if sight.seesConcealed {
            answer.withheld = assembly.withheldOrConcealed
        }
        if context.viewer.activities.contains(Activity.openSeal) { answer.sealed = assembly.sealed }
        if own.seesShielded {
            answer.shield = .locationShown
            draft.sawShielded = true
        }
        if let organisation = sight.onlyItemsOf { answer.restrict(to: organisation) }
        if own.redactsLocation { answer.hideLocation(opaque(patient.asked)) }
        if !sight.seesContent { answer.removeContent() }
        if !isBare { answer.absent = AbsentCategories(of: context.grantedCategories, besides: answer.items) }
        return (hidden, assembly.shownSources)
    }

    /// Ids of Daybook's begin with their source's code: of a shielded patient's items a keyed hash is shown, another for
    /// each patient.
    func opaque(_ patient: StreamToken) -> ItemRedaction.Opaque {
        { id in self.keys.token(.view, Array("shield\u{0}\(patient)\u{0}\(id)".utf8)).description }
    }

    /// Says in the receipt which overrides, self-claimed relationships and `once` permissions an answer stands on.
    ///
    /// - Parameter grounds: the events that what is shown, counted or looked through stands on.
    func use(_ grounds: @autoclosure () -> Set<Position>, _ sight: OwnSight, _ draft: inout ReceiptDraft) {
        let declared = sight.declared
        // What somebody could have seen uses nothing up; what they do see, of whatever time, does.
        let isSeen = draft.kind == .actual || draft.own != nil
        let once =
            isSeen
            ? (draft.own ?? draft.patient).stored.filter {
                $0.fact.kind == .permissionToView && $0.fact.once
            } : []
        (draft.overrides, draft.spends) = ([], [])
        if declared.isEmpty, once.isEmpty { return }
        let grounds = grounds()
        let used = grounds.union(sight.basis)
        draft.overrides = Set(declared.filter { used.contains($0) }).sorted()
        draft.spends = once.filter { grounds.contains($0.position) }
            .map { Receipt.Spent(permission: $0.position, under: $0.under) }
    }
}
