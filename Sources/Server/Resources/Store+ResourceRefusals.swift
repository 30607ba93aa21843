import CareRecord
import EventLog
import Projections
import Wire

/// Refusals and failures of reads over FHIR, each with its receipt.
extension Store {
    /// What a question that shows nothing is answered, once that is recorded.
    func refusal(_ request: ResourceRequest, _ nothing: NothingShown) throws -> any Error {
        guard let view = nothing.view else {
            return try plainRefusal(request, nothing.kind, rule: nothing.rule ?? ResourceRefusal.failedRule)
        }
        return try refuse(request, view, nothing.kind, rule: nothing.rule)
    }

    private func refuse(
        _ request: ResourceRequest, _ decided: NothingShown.View, _ kind: ResourceRefusal.Kind, rule: String?
    ) throws -> any Error {
        var (answer, draft) = (decided.answer, decided.draft)
        (draft.items, draft.spends, draft.overrides, draft.sawShielded) = ([], [], [], false)
        // Whose the resource is was looked up, and not told: neither is it told by the trail.
        if request.patient == nil { draft.asked = "" }
        if let rule { (answer.permitted, answer.rule, answer.basis) = (false, rule, []) }
        guard
            let receipted = try receipt(
                answer, body: [], draft, policy: decided.policy, head: decided.head, isAppended: false)
        else { return StoreError.busy("the patient's record and policy kept moving; ask again") }
        // Of one resource as of what is not there: the head, whatever time was asked about.
        return ResourceRefusal(
            kind: kind, position: request.question.isOne ? decided.head.position : answer.position,
            receipt: receipted.receiptPosition)
    }

    private func plainRefusal(
        _ request: ResourceRequest, _ kind: ResourceRefusal.Kind, rule: String
    ) throws -> any Error {
        if case .nobody = kind {
            let recorded = try recordAnswered(
                of: request.caller, asking: request.question.receiptQuestion, rule: rule)
            return ResourceRefusal(kind: kind, position: recorded.position, receipt: recorded.receipt)
        }
        let recorded = try recordFailure(
            of: request.caller, asking: request.question.receiptQuestion, about: try subjectOf(request),
            isNamed: request.patient != nil, request.canonicalQuery, caseID: request.caseReference, rule: rule
        )
        return ResourceRefusal(kind: kind, position: recorded.position, receipt: recorded.receipt)
    }

    /// A failure with its receipt; as it is where the log itself failed.
    func recorded(
        _ error: StoreError, _ caller: Caller, _ question: Receipt.Question
    ) throws(StoreError) -> any Error {
        if case .log = error { return error }
        let recorded = try recordFailure(of: caller, asking: question, rule: error.receiptRule)
        return ResourceRefusal(
            kind: .failed(error), position: recorded.position, receipt: recorded.receipt)
    }

    /// The same of a question about a patient: its receipt says about whom, where that can be found out.
    func recorded(
        _ error: StoreError, _ request: ResourceRequest
    ) throws(StoreError) -> any Error {
        if case .log = error { return error }
        let question = request.question.receiptQuestion
        guard let asked = request.patient, let patient = try reference(of: asked) else {
            return try recorded(error, request.caller, question)
        }
        let recorded: (position: Position, receipt: Position)
        do throws(StoreError) {
            recorded = try recordFailure(
                of: request.caller, asking: question, about: patient, request.canonicalQuery,
                rule: error.receiptRule)
        } catch .log(let failure) { throw StoreError.log(failure) } catch {
            return try self.recorded(error, request.caller, question)
        }
        return ResourceRefusal(
            kind: .failed(error), position: recorded.position, receipt: recorded.receipt)
    }

    /// Makes durable that an authenticated caller asked and got nothing, before it is told: a question that is none, or a failure.
    ///
    /// - Parameters:
    ///   - patient: whom it was about, where it names somebody: then the query is kept where they are.
    ///   - caseID: the case that was named.
    ///   - isNamed: the question named them, and they were not looked up.
    ///   - query: in one canonical line; nil where it is none, and whom it names is not known.
    /// - Returns: the position served, and the receipt's.
    public func recordFailure(
        of caller: Caller, asking question: Receipt.Question, about patient: PatientReference? = nil,
        isNamed: Bool = true, _ query: String? = nil, caseID: String? = nil, rule: String
    ) throws(StoreError) -> (position: Position, receipt: Position) {
        try recordAsked(
            of: caller, asking: question, about: patient, isNamed: isNamed, query, caseID: caseID,
            permitted: false, rule: rule)
    }

    /// The same of what was answered, and neither showed nor changed anything: a search that can find nobody, a write that found all as it
    /// asks.
    func recordAnswered(
        of caller: Caller, asking question: Receipt.Question, rule: String
    ) throws(StoreError) -> (position: Position, receipt: Position) {
        try recordAsked(of: caller, asking: question, permitted: true, rule: rule)
    }

    private func recordAsked(
        of caller: Caller, asking question: Receipt.Question, about patient: PatientReference? = nil,
        isNamed: Bool = true, _ query: String? = nil, caseID: String? = nil, permitted: Bool, rule: String
    ) throws(StoreError) -> (position: Position, receipt: Position) {
        let head = try patient == nil ? head() : catchUp()
        let subjects = try receipted(patient, head)
        var receipt = Receipt(
            kind: .actual, question: question,
            viewer: caller.identity.map { Receipt.Person($0) }, operatorUser: nil,
            systemUser: Self.systemUser, purpose: caller.purpose, caseID: caseID, position: head.position,
            instant: try clock(), isFinal: false, policy: try regionState().version(at: head.position),
            permitted: permitted, rule: rule, basis: [], shown: 0, withheld: 0, sources: [],
            subjects: subjects, items: .zero, body: .zero)
        receipt.call = Receipt.Call(caller.call)
        if subjects.isEmpty { receipt.query = query }
        let record: SealedRecord
        do throws(LogError) {
            record = try receiptRecord(
                receipt,
                ReceiptDetail(
                    patient: isNamed ? patient?.description ?? "" : "", query: query ?? "", itemsSalt: [],
                    bodySalt: []))
        } catch { throw StoreError.log(error) }
        return (head.position, try appendOne(Proposal(records: [record])).first)
    }
}

extension StoreError {
    /// What is held does not read.
    var isDamage: Bool {
        switch self {
        case .projection, .io: true
        default: false
        }
    }

    /// What a receipt says of a question that failed with it.
    var receiptRule: String {
        switch self {
        case .usage: ResourceRefusal.badRequestRule
        case .refused: "refused"
        case .busy: ResourceRefusal.busyRule
        case .log, .projection, .io: ResourceRefusal.failedRule
        }
    }
}

extension ResourceRefusal {
    public static let badRequestRule = "bad-request"
    public static let busyRule = "busy"
    public static let failedRule = "failed"
    public static let notFoundRule = "not-found"
    /// Of a search by an identifier of another system than the NHS number's.
    static let nobodyRule = "other-system"
}
