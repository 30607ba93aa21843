import CareRecord
import Projections
import Wire

/// An auditor's question over HTTP: answered as the command line answers the same user, with the same bytes and a receipt of each.
extension Store {
    /// - Throws: `ResourceRefusal`, recorded; `StoreError` where not even that could be.
    public func audit(_ request: AuditRequest, by caller: Caller) throws -> AuditAnswer {
        guard let asker = Asker(caller), isAllowed(request, caller) else {
            throw try refusal(.scope, request, caller, rule: "scope")
        }
        if let rule = ownSightRule(request, caller) {
            throw try refusal(
                .told(rule: rule, "one's own sight at another time takes a role with the activity \(rule)"),
                request, caller, rule: rule)
        }
        do {
            switch request.question {
            case .view(let sight, let at, let known):
                return AuditAnswer(try view(request.view(at: at, knownAt: known, sight, asker)))
            case .explain(let sight, let at, let known, let item):
                return AuditAnswer(
                    try explain(request.view(at: at, knownAt: known, sight, asker), item: item))
            case .diff(let sight, let from, let to):
                return AuditAnswer(
                    try diff(request.view(at: to, sight, asker), from: from, to: to, within: .served))
            case .record(let patient, let at):
                var answer = AuditAnswer(
                    try record(
                        RecordRequest(
                            patient: patient, at: at, caseReference: request.caseReference, asker: asker)))
                answer.isNobody = !answer.permitted
                return answer
            case .accesses: return try accesses(request, asker)
            case .access(let position): return try access(position, request, caller, asker)
            }
        } catch let error as StoreError {
            if case .refused(let text) = error {
                let rule = rule(of: request, caller)
                throw try refusal(.told(rule: rule, text), request, caller, rule: rule)
            }
            if case .log = error { throw error }
            throw try refusal(.failed(error), request, caller, rule: error.receiptRule)
        }
    }

    private func accesses(_ request: AuditRequest, _ asker: Asker) throws -> AuditAnswer {
        guard let trail = request.trail(asker) else { throw StoreError.usage("no question about the trail") }
        let page = try accessPage(trail)
        return AuditAnswer(
            body: Access.json(page.items, next: page.next), position: page.position, receipt: page.receipt)
    }

    /// Where no receipt stands and where one stands that is not theirs to see: one answer.
    private func access(
        _ position: Position, _ request: AuditRequest, _ caller: Caller, _ asker: Asker
    ) throws -> AuditAnswer {
        let head = try catchUp()
        let found: (access: Access, receipt: Position)
        do throws(StoreError) { found = try receiptedAccess(at: position, asker: asker) } catch {
            let isTheirs: Bool
            switch error {
            case .usage: isTheirs = false
            case .refused: isTheirs = !(caller.identity?.mayAudit ?? false)
            default: isTheirs = true
            }
            if isTheirs { throw error }
            throw try refusal(.notFound, request, caller, rule: ResourceRefusal.notFoundRule)
        }
        return AuditAnswer(body: found.access.json, position: head.position, receipt: found.receipt)
    }

    // MARK: Who may

    /// Whether the token's scopes reach it: accesses are AuditEvents; content, of everything, takes every type.
    private func isAllowed(_ request: AuditRequest, _ caller: Caller) -> Bool {
        let interaction: Scopes.Interactions =
            if case .access = request.question { .read } else { .search }
        guard caller.may(interaction, "AuditEvent", isInContext: false) else { return false }
        let mayShowContent = request.caseReference != nil || request.sight?.user == caller.viewer?.user
        return !mayShowContent || caller.may(.read, "*", isInContext: false)
    }

    /// The activity that the caller's role lacks for a question about their own sight without a case: looking back takes what looking at
    /// others' sight takes, since what has been restricted since is told by it.
    private func ownSightRule(_ request: AuditRequest, _ caller: Caller) -> String? {
        guard request.isOwnSight(of: caller.viewer?.user) else { return nil }
        let needed = if case .view = request.question { Activity.viewAudit } else { Activity.explain }
        return caller.identity?.activities.contains(needed) ?? false ? nil : needed
    }

    /// The rule that a refusal stands on: an activity that the caller's role lacks, else that no case is open.
    private func rule(of request: AuditRequest, _ caller: Caller) -> String {
        let activities = caller.identity?.activities ?? []
        let isOwn = request.sight?.user == caller.viewer?.user && request.sight != nil
        switch request.question {
        case .explain, .diff:
            if !isOwn, !activities.contains(Activity.explain) { return Activity.explain }
        default: break
        }
        if !isOwn || request.caseReference != nil, !activities.contains(Activity.viewAudit) {
            return Activity.viewAudit
        }
        return Self.caseRule
    }

    static let caseRule = "case"

    private func refusal(
        _ kind: ResourceRefusal.Kind, _ request: AuditRequest, _ caller: Caller, rule: String
    ) throws -> any Error {
        let query = Asker(caller).map { request.query($0) }
        let recorded = try recordFailure(
            of: caller, asking: request.receiptQuestion, about: request.patient, query,
            caseID: request.caseReference, rule: rule)
        return ResourceRefusal(kind: kind, position: recorded.position, receipt: recorded.receipt)
    }
}

/// An answer to an auditor whose receipt is durable: only now may its bytes leave.
public struct AuditAnswer: Sendable {
    /// JSON, as the command prints it.
    public var body: [UInt8]
    /// The position served.
    public var position: Position
    public var receipt: Position
    /// All that is held was asked of somebody of whom nothing is.
    public var isNobody = false
    fileprivate var permitted = true

    init(body: [UInt8], position: Position, receipt: Position) {
        (self.body, self.position, self.receipt) = (body, position, receipt)
    }

    fileprivate init(_ answer: ReceiptedAnswer) {
        self.init(body: answer.json, position: answer.answer.position, receipt: answer.receiptPosition)
        permitted = answer.answer.permitted
    }
}
