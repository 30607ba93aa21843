import HTTPTypes
import Hummingbird
import Intake
import Server

/// Turns what a route throws into an answer that says what happened and what to do: JSON, with the trace to name when asking for help.
/// What went wrong inside is told in the log, not to the client.
struct ErrorMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        do { return try await next(request, context) } catch {
            var told = Self.told(error)
            let allowed = told.status == .notFound ? Self.allowed(request) : nil
            if let allowed { told = (.methodNotAllowed, "this address takes \(allowed)") }
            if told.status.code >= 500 {
                context.log.error("\(told.status.code): \(ErrorWords.log(error))")
            }
            var w = JSONWriter(capacity: 192)
            w.object { w in
                w.member("status", told.status.code)
                w.member("message", told.message)
                w.member("trace", context.traceID)
            }
            var response = Response.json(told.status, w.finish())
            if let allowed { response.headers[.allow] = allowed }
            if told.status == .serviceUnavailable || told.status == .tooManyRequests {
                response.headers[.retryAfter] = "1"
            }
            return response
        }
    }

    /// What the address takes, where that is other methods than the one it was asked with; nil where there is nothing.
    private static func allowed(_ request: Request) -> String? {
        let methods = OpenAPIOperation.methods(at: request.uri.path)
        return methods.isEmpty || methods.contains(request.method.rawValue)
            ? nil : methods.joined(separator: ", ")
    }

    private static func told(_ error: any Error) -> (status: HTTPResponse.Status, message: String) {
        switch error {
        case let error as HTTPError:
            return (error.status, error.body ?? Self.word(error.status))
        case let error as any HTTPResponseError: return (error.status, Self.word(error.status))
        case let error as StoreError:
            switch error {
            case .usage(let text): return (.badRequest, text)
            case .refused(let text): return (.forbidden, text)
            case .busy: return (.serviceUnavailable, "the store is busy; nothing was done; try again")
            case .log, .projection, .io:
                return (.serviceUnavailable, "the store cannot answer; nothing was served")
            }
        default: return (.internalServerError, Self.word(.internalServerError))
        }
    }

    private static func word(_ status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "there is nothing at this address: /openapi.json lists what there is"
        case .contentTooLarge: "the body is larger than this server takes"
        case .uriTooLong: "the address is longer than this server takes"
        case .internalServerError: "this server failed; it has noted the trace"
        default: status.reasonPhrase
        }
    }
}
