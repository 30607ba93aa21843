import CareRecord
import HTTPTypes
import Hummingbird
import Server
import Wire

/// `/audit`: who could see what, and who looked, for those whose role may ask: the questions of the command line and its JSON.
struct AuditRoutes {
    /// Receipts of a page, where the question says nothing.
    static let usualCount = 100

    let calls: StoreCalls
    let authentication: AuthenticationMiddleware
    let beat: Duration
    /// Looking back may be long work: a turn is always left to those who read.
    private let places = Places(max(1, StoreCalls.turns - 1))

    init(calls: StoreCalls, authentication: AuthenticationMiddleware, beat: Duration) {
        (self.calls, self.authentication, self.beat) = (calls, authentication, beat)
    }

    func add(to router: Router<ServerContext>) {
        let audit = router.group("audit").add(middleware: FHIRErrorMiddleware(beat: beat, form: .problem))
            .add(middleware: authentication)
            .add(middleware: FailureReceiptMiddleware(calls: calls))
        audit.get("view") { request, context in
            try await answer(request, context) { query in
                .view(try sight(&query), at: try query.neededWhen("at"), knownAt: try query.when("known-at"))
            }
        }
        audit.get("explain") { request, context in
            try await answer(request, context) { query in
                .explain(
                    try sight(&query), at: try query.neededWhen("at"), knownAt: try query.when("known-at"),
                    item: try query.text("item"))
            }
        }
        audit.get("diff") { request, context in
            try await answer(request, context) { query in
                .diff(try sight(&query), from: try query.neededWhen("from"), to: try query.neededWhen("to"))
            }
        }
        audit.get("record") { request, context in
            try await answer(request, context) { query in
                .record(try query.neededPatient(), at: try query.when("at"))
            }
        }
        audit.get("access") { request, context in
            try await answer(request, context, takesCase: false) { query in
                .accesses(
                    patient: try query.patient(), user: try query.text("user"), from: try query.when("from"),
                    to: try query.when("to"), after: try query.position("after"),
                    count: try query.count(usual: Self.usualCount, most: TrailRequest.maximumCount))
            }
        }
        audit.get("access/{position}") { request, context in
            try await answer(request, context, takesCase: false) { _ in
                guard let position = AuditQuery.position(context.parameters.get("position") ?? "") else {
                    throw FHIRError.badRequest("a receipt is named by its position, such as /audit/access/41")
                }
                return .access(position)
            }
        }
    }

    private func sight(_ query: inout AuditQuery) throws -> AuditRequest.Sight {
        AuditRequest.Sight(
            user: try query.needed("as"), patient: try query.neededPatient(),
            purpose: try query.text("purpose") ?? Purpose.directCare, profile: try query.text("role"))
    }

    private func answer(
        _ request: Request, _ context: ServerContext, takesCase: Bool = true,
        _ read: (inout AuditQuery) throws -> AuditRequest.Question
    ) async throws -> Response {
        let caller = try context.authenticated()
        var query = try AuditQuery(request)
        let question = try read(&query)
        let asked = AuditRequest(question, caseReference: takesCase ? try query.text("case") : nil)
        try query.finish()
        let answer: AuditAnswer
        do {
            answer = try await places.with { try await calls.run { try $0.audit(asked, by: caller) } }
        } catch let refusal as ResourceRefusal { throw FHIRError(refusal) }
        var response = Response.json(answer.isNobody ? .notFound : .ok, answer.body)
        response.headers[FHIRAnswer.position] = String(answer.position.value)
        response.headers[FHIRAnswer.receipt] = String(answer.receipt.value)
        return response
    }
}
