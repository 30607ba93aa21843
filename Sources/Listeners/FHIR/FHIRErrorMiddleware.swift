import Hummingbird
import Server

/// Answers what a route throws: a FHIR route with an OperationOutcome, another with problem details. What shows nothing is answered at the next whole beat after it came, so
/// that how long it took does not tell what is withheld from what is not there.
struct FHIRErrorMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    /// How long a beat is; zero, in tests that compare what is told, waits for none.
    var beat = FHIRErrorMiddleware.usualBeat
    var form = FHIRError.Form.outcome

    static let usualBeat = Duration.milliseconds(20)

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        do { return try await next(request, context) } catch {
            let told = Self.told(error)
            if told.status.code >= 500 {
                context.log.error("\(told.status.code): \(ErrorWords.log(error))")
            }
            if Self.quiet.contains(told.status.code) { await Self.wait(since: start, beat) }
            return told.response(trace: context.traceID, form)
        }
    }

    /// Answers that show nothing.
    static let quiet = [403, 404, 410]

    static func wait(since start: ContinuousClock.Instant, _ beat: Duration) async {
        guard beat > .zero else { return }
        let beats = Int((ContinuousClock.now - start) / beat) + 1
        try? await Task.sleep(until: start + beat * beats)
    }

    static func told(_ error: any Error) -> FHIRError {
        switch error {
        case let error as FHIRError: return error
        case let error as StoreError: return FHIRError(error)
        case let error as CallerRefusal: return FHIRError(error)
        case let error as HTTPError:
            let isPushback = error.status == .serviceUnavailable
            return FHIRError(
                error.status, isPushback ? "throttled" : "processing",
                isPushback ? "INTERNAL_SERVER_ERROR" : "BAD_REQUEST",
                error.body ?? error.status.reasonPhrase)
        case let error as any HTTPResponseError:
            return FHIRError(error.status, "processing", "BAD_REQUEST", error.status.reasonPhrase)
        default:
            return FHIRError(
                .internalServerError, "exception", "INTERNAL_SERVER_ERROR",
                "this server failed; it has noted the trace")
        }
    }
}
