import Hummingbird
import Metrics
import Synchronization

/// Holds the requests that work in the store at once to a bound, so that those let in are answered soon whatever comes. One too many is told
/// to come again before anything of it was looked at: no token, no receipt. It is told after a pause, since whoever asks again at once
/// would keep the processors busy with refusals.
final class AdmissionMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    static let pause = Duration.milliseconds(100)

    private let limit: Int
    private let underWay = Atomic<Int>(0)
    private let refused = Counter(label: "daybook_http_pushed_back")

    init(limit: Int) { self.limit = limit }

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let isAdmitted = underWay.add(1, ordering: .relaxed).newValue <= limit
        guard isAdmitted else {
            underWay.subtract(1, ordering: .relaxed)
            refused.increment()
            try await Task.sleep(for: Self.pause)
            throw HTTPError(
                .serviceUnavailable, headers: [.retryAfter: "1"], message: "too many requests at once")
        }
        defer { underWay.subtract(1, ordering: .relaxed) }
        return try await next(request, context)
    }
}
