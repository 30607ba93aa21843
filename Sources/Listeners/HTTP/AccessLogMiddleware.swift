import Hummingbird
import Metrics

/// One line and one measurement a request: method, route, status and time. Never the path or the query themselves, which can name a
/// patient.
struct AccessLogMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        do {
            let response = try await next(request, context)
            tell(request, context, response.status.code, start)
            return response
        } catch {
            let status = (error as? any HTTPResponseError)?.status ?? .internalServerError
            if status.code >= 500 { context.log.error("\(type(of: error))") }
            tell(request, context, status.code, start)
            throw error
        }
    }

    private func tell(
        _ request: Request, _ context: ServerContext, _ status: Int, _ start: ContinuousClock.Instant
    ) {
        let route = context.endpointPath ?? "none"
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        if context.logger.logLevel <= .info {
            context.log.info(
                "request",
                metadata: [
                    "method": "\(request.method.rawValue)", "route": "\(route)", "status": "\(status)",
                    "microseconds": "\(nanoseconds / 1000)",
                ])
        }
        let labels = [("route", route), ("status", "\(status)")]
        Timer(label: "daybook_http_request", dimensions: labels).recordNanoseconds(nanoseconds)
    }
}
