import Hummingbird
import Projections
import Server

/// Makes durable what a caller who was let in asked and did not get, where the store did not do so itself: a question that was none, a
/// body too large, a failure of this server. Every answer to them has a receipt, but pushback: it would let whoever asks too much fill the
/// log.
struct FailureReceiptMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let calls: StoreCalls
    /// Of writes: what went to quarantine is an event itself, what was pushed back was not looked at, and a refusal is recorded where it
    /// is decided.
    var isWrite = false

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            if isWrite, Self.isRecordedElsewhere(error) { throw error }
            throw try await recorded(error, context, route: isWrite ? "write" : context.endpointPath ?? "")
        }
    }

    static func isRecordedElsewhere(_ error: any Error) -> Bool {
        if error is CallerRefusal { return true }
        let told = FHIRErrorMiddleware.told(error)
        return told.headers[FHIRAnswer.quarantine] != nil || told.status == .serviceUnavailable
    }

    /// The error with its receipt; as it is where it has one, or is pushback.
    func recorded(
        _ error: any Error, _ context: ServerContext, route: String
    ) async throws -> any Error {
        var told = FHIRErrorMiddleware.told(error)
        guard told.receipt == nil, !told.isPushback, let caller = context.caller else { return error }
        let (question, rule) = (Self.question(route), Self.rule(told.status.code))
        let recorded = try await calls.run {
            try $0.recordFailure(of: caller, asking: question, rule: rule)
        }
        told.receipt = recorded.receipt.value
        told.headers[FHIRAnswer.position] = String(recorded.position.value)
        return told
    }

    /// By the route: its template, not what was asked in it.
    static func question(_ route: String) -> Receipt.Question {
        if route.hasPrefix("/audit/") {
            return Receipt.Question(rawValue: String(route.dropFirst(7))) ?? .trail
        }
        if route == "write" { return .write }
        if route == "/feed" { return .feed }
        if route.contains("AuditEvent") { return .trail }
        if route.contains("_history") { return .history }
        if route.hasSuffix("$everything") { return .everything }
        if route.hasSuffix("$override") || route.hasSuffix("$self-claim") { return .declaration }
        return route.hasSuffix("{id}") ? .read : .search
    }

    private static func rule(_ status: Int) -> String {
        switch status {
        case 403: "scope"
        case 404: ResourceRefusal.notFoundRule
        case 409, 412: "conflict"
        case 400..<500: ResourceRefusal.badRequestRule
        case 503: ResourceRefusal.busyRule
        default: ResourceRefusal.failedRule
        }
    }
}
