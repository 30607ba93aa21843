import HTTPTypes
import Hummingbird

/// The bounds that every request is held to before anything else looks at it.
struct LimitMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let limits: HTTPLimits

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        if request.uri.string.utf8.count > limits.urlBytes { throw HTTPError(.uriTooLong) }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
            throw HTTPError(.contentTooLarge)
        }
        return try await next(request, context)
    }
}
