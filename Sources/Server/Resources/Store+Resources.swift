import CareRecord
import Ciphers
import EventLog
import Intake
import Projections
import Wire

/// Reads over FHIR: the same decision as a view's, and a receipt before every byte.
extension Store {
    /// - Throws: `ResourceRefusal`, recorded; `StoreError` where not even that could be.
    public func resources(_ request: ResourceRequest) throws -> ResourceAnswer {
        try recording(request) {
            for _ in 0..<Self.maximumDecisions {
                if let answer = try receipted(try shown(request)) { return answer }
            }
            throw Self.keptMoving
        }
    }

    /// Records why nothing is shown, before whoever asked is told.
    private func recording<Answer>(
        _ request: ResourceRequest, _ answer: () throws -> Answer
    ) throws -> Answer {
        do {
            do { return try answer() } catch let nothing as NothingShown {
                throw try refusal(request, nothing)
            }
        } catch let error as StoreError { throw try failed(error, request) }
    }

    /// The part of `resources` that computes: an answer whose receipt is on its way, for `finished` to wait for without a thread.
    ///
    /// - Returns: nil where something moved before the receipt was durable: ask again, at most `maximumDecisions` times.
    /// - Throws: as `resources`.
    public func begun(_ request: ResourceRequest) throws -> BegunResources? {
        try recording(request) {
            let shown = try shown(request)
            // What a spent permission is kept under must not be looked at meanwhile: rare enough to wait for here.
            guard shown.decided.draft.spends.isEmpty else {
                return try receipted(shown).map { .answered($0) }
            }
            return .waiting(try pending(shown))
        }
    }

    private func pending(_ shown: DecidedResources) throws(StoreError) -> PendingResources {
        var made = try madeReceipt(
            shown.decided.answer, body: shown.shown.body, shown.decided.draft,
            policy: shown.decided.policy, head: shown.decided.head)
        do throws(LogError) { made.proposal = try namingKeys(made.proposal) } catch { throw .log(error) }
        return PendingResources(
            made: made, version: shown.shown.version, lastModified: shown.shown.lastModified)
    }

    /// Makes the receipt durable: only then the answer is handed out.
    ///
    /// - Returns: nil where something moved meanwhile: nothing was appended, ask again.
    public func finished(_ pending: PendingResources) async throws(StoreError) -> ResourceAnswer? {
        guard case .appended(let appended) = try await append(named: pending.made.proposal) else {
            return nil
        }
        return answer(
            durable(pending.made, appended, isAppended: false), pending.version, pending.lastModified)
    }

    /// The failure with its receipt, where one can be had: what whoever asked is told.
    public func failed(_ error: StoreError, _ request: ResourceRequest) throws(StoreError) -> any Error {
        try recorded(error, request)
    }

    public static let keptMoving = StoreError.busy("the patient's record and policy kept moving; ask again")

    /// What the token alone, or the words alone, rule out is said before anybody is looked up: no such answer tells what is held.
    ///
    /// - Returns: the page, and the time asked about; nil where that is now or later.
    private func checked(_ request: ResourceRequest) throws -> (page: PageLink?, asOf: When?) {
        guard request.question.isWithin(request.caller) else { throw NothingShown.scope }
        let page = try request.page.map { try self.page($0, of: request) }
        guard let when = request.asOf else { return (page, nil) }
        guard request.caller.identity?.mayAudit ?? false else {
            throw NothingShown(.audit, rule: Activity.viewAudit)
        }
        let head = try catchUp()
        let point = try point(when, head: head, calendar: try calendar(head))
        return (page, point.isFinal ? when : nil)
    }

    /// - Returns: nil where something moved before the receipt was durable: nothing was served.
    private func receipted(_ shown: DecidedResources) throws(StoreError) -> ResourceAnswer? {
        let receipted = try receipt(
            shown.decided.answer, body: shown.shown.body, shown.decided.draft, policy: shown.decided.policy,
            head: shown.decided.head, isAppended: false)
        return receipted.map { answer($0, shown.shown.version, shown.shown.lastModified) }
    }

    private func answer(
        _ receipted: ReceiptedAnswer, _ version: Position?, _ lastModified: Instant?
    ) -> ResourceAnswer {
        ResourceAnswer(
            body: receipted.json, position: receipted.answer.position, receipt: receipted.receiptPosition,
            version: version, lastModified: lastModified)
    }

    /// A view that is decided, and what of it answers the question: not to be served without its receipt.
    private struct DecidedResources {
        var decided: DecidedView
        var shown: ResourceAnswering.Shown
    }

    private func shown(_ request: ResourceRequest) throws -> DecidedResources {
        guard let viewer = request.caller.viewer else { throw NothingShown.scope }
        let (page, asOf) = try checked(request)
        if request.patient == .nobody { throw NothingShown(.nobody, rule: ResourceRefusal.nobodyRule) }
        guard let patient = try subjectOf(request) else { throw NothingShown.nobody }
        var view = ViewRequest(
            user: viewer.user, patient: patient, at: asOf, purpose: request.caller.purpose,
            profile: viewer.profile, asker: Asker(systemUser: Self.systemUser, user: viewer.user))
        view.caseReference = asOf == nil ? nil : request.caseReference
        view.isInOwnRight = asOf != nil && request.caseReference == nil
        var decided = try decided(view, of: request, page)
        // Of now it is the viewer's own access; of another time, asked by them.
        if asOf == nil { decided.draft.asker = Asker(systemUser: Self.systemUser) }
        decided.draft.question = request.question.receiptQuestion
        decided.draft.query = .text(request.canonicalQuery)
        decided.draft.call = Receipt.Call(request.caller.call)
        guard try isAllowed(request, decided.draft.patient) else {
            throw NothingShown(
                request.question.isOne ? .notFound : .scope,
                rule: request.question.isOne ? Self.contextRule : Self.scopeRule, of: decided)
        }
        guard decided.answer.permitted else {
            throw NothingShown(request.question.refusal(decided.answer), of: decided)
        }
        guard leads(request.patient, to: decided) else {
            var nobody = decided.answer
            nobody.rule = Rule.relationship.rawValue
            throw NothingShown(request.question.refusal(nobody), rule: "id-not-told", of: decided)
        }
        let outcome: ResourceAnswering.Outcome
        do {
            outcome = try ResourceAnswering(store: self, request: request, decided: decided, page: page)
                .answered()
        } catch let error as StoreError where error.isDamage {
            throw NothingShown(.failed(error), rule: ResourceRefusal.failedRule, of: decided)
        }
        switch outcome {
        case .refused(let kind):
            throw NothingShown(kind, rule: ResourceRefusal.notFoundRule, of: decided)
        case .shown(let shown):
            (decided.draft.items, decided.draft.named) = (shown.items, shown.named)
            // What is shown, or was looked through for it, uses a permission up, or stands on an override.
            if let sight = decided.sight {
                use(shown.grounds().union(ViewItem.basis(of: shown.items)), sight, &decided.draft)
            }
            return DecidedResources(decided: decided, shown: shown)
        }
    }

    private func decided(
        _ view: ViewRequest, of request: ResourceRequest, _ page: PageLink?
    ) throws -> DecidedView {
        let isOne = request.question.isOne
        do throws(StoreError) {
            return try self.decided(
                view, pinned: page?.position, isBare: true, only: request.question.onlyItem)
        } catch .refused {
            // There is no such case, for this patient.
            throw NothingShown(
                isOne ? .notFound : .refused(rule: Self.caseRule), rule: Self.caseRule)
        } catch .usage(let text) {
            if isOne { throw NothingShown(.notFound, rule: "role") }
            throw StoreError.usage(text)
        }
    }

    // MARK: Whom it is about

    /// The patient that the question names, or whose the resource is; nil where nobody has it.
    func subjectOf(_ request: ResourceRequest) throws(StoreError) -> PatientReference? {
        if let asked = request.patient { return try reference(of: asked) }
        switch request.question {
        case .read(let type, let id), .version(let type, let id, _):
            return try owner(of: type, id, request.caller)
        case .history(let type, let id?, _): return try owner(of: type, id, request.caller)
        default: return nil
        }
    }

    func reference(of asked: AskedPatient) throws(StoreError) -> PatientReference? {
        switch asked {
        case .reference(let reference): reference
        case .id(let id): try patientReference(of: id)
        case .nobody: nil
        }
    }

    /// Whom the fact there is about; nil where there is none, and once they were erased.
    private func patient(ofFact position: Position) throws(StoreError) -> PatientReference? {
        guard position > .start, position <= (try head().position) else { return nil }
        return try StoreError.translating {
            let record = try log.read(at: position)
            guard record.header.recordClass == .patientFact else { return nil }
            do { return try opener.wholeFact(of: record).patient } catch ProjectionError.keyDestroyed {
                return nil
            }
        }
    }

    /// What names no patient itself is seen where it is cited: in the record of the patient in context.
    static let citedTypes: Set<String> = [
        "Practitioner", "PractitionerRole", "Organization", "Location",
    ]

    private func owner(
        of type: String, _ id: String, _ caller: Caller
    ) throws(StoreError) -> PatientReference? {
        let head = try catchUp()
        let identity = identityReader(at: head.position)
        let token: StreamToken?
        do throws(ProjectionError) { token = try identity.owner(of: keys.claim("\(type)/\(id)")) } catch {
            throw .projection(error)
        }
        guard let token else {
            if type == "Provenance" { return try VersionProvenance(store: self).target(of: id)?.patient }
            if type == "Consent", let position = PolicyConsents.named(id) {
                return try patient(ofFact: position)
            }
            if type == "Patient" { return try patientReference(of: id) }
            return Self.citedTypes.contains(type) ? caller.patient : nil
        }
        return .subject(try subjectName(of: token))
    }

    /// A Patient's id is its source's code and its own id; or a hash of it, which leads to whom it was made of.
    func patientReference(of id: String) throws(StoreError) -> PatientReference? {
        if FHIRIntake.isHashed(id), let subject = try patient(ofHashed: id) { return .subject(subject) }
        guard let dot = id.firstIndex(of: "."),
            let subject = SubjectID("\(id[..<dot]):\(id[id.index(after: dot)...])")
        else { return SubjectID("unknown:\(id)").map { .subject($0) } }
        return .subject(subject)
    }

    private func patient(ofHashed id: String) throws(StoreError) -> SubjectID? {
        let identity = identityReader(at: try catchUp().position)
        let owner: StreamToken?
        do throws(ProjectionError) { owner = try identity.owner(of: keys.claim("Patient/\(id)")) } catch {
            throw .projection(error)
        }
        guard let owner else { return nil }
        let name = try subjectName(of: owner)
        return ShownResource.patientID(name) == id ? name : nil
    }

    static let scopeRule = "scope"
    /// The token's scopes reach another patient's resources of the type.
    static let contextRule = "context"

    /// Whether the token's scopes reach what is asked, of this patient.
    private func isAllowed(
        _ request: ResourceRequest, _ patient: PatientAtPoint
    ) throws(StoreError) -> Bool {
        request.question.isWithin(request.caller, isInContext: try isInContext(request.caller, patient))
    }

    /// Whether it is the patient that the caller's token is about.
    func isInContext(_ caller: Caller, _ patient: PatientAtPoint) throws(StoreError) -> Bool {
        guard let context = caller.patient, let union = patient.union,
            let theirs = try self.patient(context, at: head().position).union
        else { return false }
        return Set(theirs.subjects) == Set(union.subjects)
    }
}

extension Receipt.Call {
    init(_ call: CallDetails) {
        self.init(client: call.client, trace: call.trace, sequence: call.sequence)
    }
}

extension ResourceRequest {
    /// The question in one line, as its receipt keeps it.
    var canonicalQuery: String {
        "fhir \(query) purpose=\(caller.purpose) role=\(caller.viewer?.profile ?? "")"
    }
}

extension ResourceQuestion {
    /// Whether a token's scopes reach it, about the patient in context or another; without saying which, whether they reach it about any.
    func isWithin(_ caller: Caller, isInContext: Bool? = nil) -> Bool {
        let (interaction, type): (Scopes.Interactions, String) =
            switch self {
            case .read(let type, _), .version(let type, _, _), .history(let type, _, _): (.read, type)
            case .search(let type, _): (.search, type)
            case .everything: (.read, "Patient")
            }
        return caller.may(interaction, type, isInContext: isInContext ?? (caller.patient != nil))
    }

    /// It is about one resource: what is not to be seen of it is not there.
    var isOne: Bool {
        switch self {
        case .read, .version, .history(_, _?, _): true
        default: false
        }
    }

    /// The one item that an answer can be made of, `Type/id`; nil where it is made of others as well.
    var onlyItem: String? {
        guard case .read(let type, let id) = self, type != "Consent", type != "Provenance" else { return nil }
        return "\(type)/\(id)"
    }

    var receiptQuestion: Receipt.Question {
        switch self {
        case .read, .version: .read
        case .history: .history
        case .search: .search
        case .everything: .everything
        }
    }

    /// One resource that policy refuses is not there; a patient that it refuses is refused, known or not.
    func refusal(_ answer: ViewAnswer) -> ResourceRefusal.Kind {
        if isOne { return .notFound }
        // Nobody heard of, shielded from, or kept out by name: one answer, the one to an id that nobody knows.
        return .refused(
            rule: answer.rule == Rule.unknownPatient.rawValue ? Rule.relationship.rawValue : answer.rule)
    }
}
