import HTTPTypes
import Hummingbird
import Synchronization

/// The bounds that every request is held to before anything else looks at it.
final class LimitMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    private let limits: HTTPLimits
    private let underWay = Atomic<Int>(0)

    init(limits: HTTPLimits) { self.limits = limits }

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        if request.uri.string.utf8.count > limits.urlBytes { throw HTTPError(.uriTooLong) }
        if let length = request.headers[.contentLength].flatMap({ Int($0) }), length > limits.bodyBytes {
            throw HTTPError(.contentTooLarge)
        }
        let now = underWay.add(1, ordering: .relaxed).newValue
        defer { underWay.subtract(1, ordering: .relaxed) }
        if now > limits.atOnce {
            throw HTTPError(
                .serviceUnavailable, headers: [.retryAfter: "1"], message: "too many requests at once")
        }
        return try await next(request, context)
    }
}
