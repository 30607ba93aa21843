import Hummingbird
import Projections
import Server

/// Makes durable what a caller who was let in asked and did not get, where the store did not do so itself: a question that was none, a
/// body too large, a failure of this server. Every answer to them has a receipt.
struct FailureReceiptMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let calls: StoreCalls

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            var told = FHIRErrorMiddleware.told(error)
            guard told.receipt == nil, let caller = context.caller else { throw error }
            let (question, rule) = (Self.question(context.endpointPath ?? ""), Self.rule(told.status.code))
            let recorded = try await calls.run {
                try $0.recordFailure(of: caller, asking: question, rule: rule)
            }
            told.receipt = recorded.receipt.value
            told.headers[FHIRAnswer.position] = String(recorded.position.value)
            throw told
        }
    }

    /// By the route: its template, not what was asked in it.
    static func question(_ route: String) -> Receipt.Question {
        if route.contains("AuditEvent") { return .trail }
        if route.contains("_history") { return .history }
        if route.hasSuffix("$everything") { return .everything }
        return route.hasSuffix("{id}") ? .read : .search
    }

    private static func rule(_ status: Int) -> String {
        switch status {
        case 404: ResourceRefusal.notFoundRule
        case 400..<500: ResourceRefusal.badRequestRule
        case 503: ResourceRefusal.busyRule
        default: ResourceRefusal.failedRule
        }
    }
}
