import HTTPTypes
import Hummingbird

/// Answers HEAD as GET, without the body (RFC 9110, 9.3.2): decided and receipted alike, since the headers tell of it.
struct HeadMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        return request.method == .head ? response.createHeadResponse() : response
    }
}
