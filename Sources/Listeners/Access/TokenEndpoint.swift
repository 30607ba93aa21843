import CareRecord
import Foundation
import HTTPTypes
import Hummingbird
import Intake
import Server
import Synchronization
import Wire

/// `POST /token` (SMART App Launch 2.2, Backend Services): a token of this server's own, for a client of the region file that proves
/// itself with an assertion. Who got one, and who did not, is durable before it is told.
struct TokenEndpoint {
    /// Bytes of a request's form.
    static let maximumBytes = 32 << 10

    let calls: StoreCalls
    let own: OwnTokens
    let refusals: RefusalRecorder
    /// The `aud` of the tokens: this server.
    let audience: String
    /// Where this is, from outside: the one audience of an assertion.
    let address: @Sendable () -> String
    private let used = UsedAssertions()
    /// Tokens of one client: so many at once, and a second after that. None may use up what is remembered for all.
    private let rates = Rates()

    private final class Rates: Sendable {
        let buckets = Mutex(Buckets<String>(burst: 100, aSecond: 20))

        func take(_ client: String) -> Duration? { buckets.withLock { $0.take(client) } }
    }

    func add(to router: Router<ServerContext>) {
        router.post("token") { request, context in
            do { return try await answer(request, context) } catch let fault as GrantFault {
                return fault.response
            } catch let error as FHIRError where error.status == .tooManyRequests {
                return GrantFault(.tooManyRequests, "temporarily_unavailable", error.text).response
            }
        }
    }

    private func answer(_ request: Request, _ context: ServerContext) async throws -> Response {
        let call = Call(details: CallDetails(trace: context.traceID), peer: context.peer)
        let form: [String: String]
        do { form = try await Self.form(request) } catch let fault as GrantFault {
            throw try await refused(fault, "malformed", nil, call)
        }
        guard form["grant_type"] == "client_credentials" else {
            throw try await refused(
                GrantFault(.badRequest, "unsupported_grant_type", "grant_type: client_credentials alone"),
                "grant", nil, call)
        }
        let client = try await client(form, call)
        guard let asked = form["scope"].flatMap({ Scopes($0) }),
            let most = Scopes(client.scopes.joined(separator: " "))
        else {
            throw try await refused(
                GrantFault(.badRequest, "invalid_scope", "scope: system/TYPE.cruds"), "scope", client, call)
        }
        let scopes = asked.only(.system).cut(to: most)
        guard !scopes.isEmpty else {
            throw try await refused(
                GrantFault(.badRequest, "invalid_scope", "this client may have none of these scopes"),
                "scope", client, call)
        }
        let token = try own.endpointToken(
            client: client.id, scope: scopes.description, audience: audience)
        return Self.response(token, scopes)
    }

    /// What is said of a request beside its form.
    private struct Call {
        var details: CallDetails
        var peer: String
    }

    /// Whoever the assertion proves; it is used up, and that it was is durable.
    private func client(_ form: [String: String], _ call: Call) async throws -> ClientDetails {
        let now = Date()
        var details: ClientDetails?
        do {
            guard form["client_assertion_type"] == ClientAssertion.type,
                let text = form["client_assertion"]
            else { throw TokenFault.missing }
            let assertion = try ClientAssertion(text)
            if let named = form["client_id"], named != assertion.client { throw TokenFault.issuer }
            let found = try await calls.run { try $0.registeredClient(assertion.client) }
            guard let found, !found.keys.isEmpty else { throw TokenFault.key }
            try await assertion.check(found, endpoint: address(), now: now)
            details = found
            guard rates.take(found.id) == nil else {
                throw GrantFault(
                    .tooManyRequests, "temporarily_unavailable", "too many tokens for this client at once")
            }
            let (used, digest) = (used, assertion.digest)
            try await calls.run { try used.fill(from: $0, now: now) }
            switch used.take(digest, now: now) {
            case .used: throw TokenFault.replayed
            case .full: throw GrantFault(.serviceUnavailable, "temporarily_unavailable", "too many tokens")
            case .taken: break
            }
            try await calls.run { try $0.recordSignIn(of: found, assertion: digest, call: call.details) }
            return found
        } catch let fault as TokenFault {
            let told = GrantFault(
                .unauthorized, "invalid_client",
                fault == .missing
                    ? "send client_assertion and its type"
                    : "the assertion is not good: "
                        + fault.reason)
            throw try await refused(told, fault.reason, details, call)
        }
    }

    /// Records it, and gives it back to be told.
    private func refused(
        _ fault: GrantFault, _ reason: String, _ client: ClientDetails?, _ call: Call
    ) async throws -> GrantFault {
        let claims = client.map { TokenClaims(user: nil, client: $0.id, scopes: Scopes()) }
        try await refusals.record(
            CallerRefusal(.unauthenticated, reason, fault.text, claims: claims), call.details,
            from: call.peer)
        return fault
    }

    // MARK: Form in, JSON out

    private static func form(_ request: Request) async throws -> [String: String] {
        guard request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false else {
            throw GrantFault(.badRequest, "invalid_request", "send application/x-www-form-urlencoded")
        }
        var request = request
        let body: ByteBuffer
        do { body = try await request.collectBody(upTo: maximumBytes) } catch let error
            as any HTTPResponseError
        {
            // What else goes wrong is the connection's end: nobody is there to be told, and nothing was asked.
            throw GrantFault(
                error.status == .contentTooLarge ? .contentTooLarge : .badRequest, "invalid_request",
                "the form is longer than \(maximumBytes) bytes, or is none")
        }
        var form: [String: String] = [:]
        for part in String(buffer: body).split(separator: "&") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let words = pair.map { $0.replacing("+", with: " ").removingPercentEncoding }
            guard let name = words[0], let value = words.count > 1 ? words[1] : "", form[name] == nil else {
                throw GrantFault(.badRequest, "invalid_request", "a parameter is malformed, or there twice")
            }
            form[name] = value
        }
        return form
    }

    private static func response(_ token: String, _ scopes: Scopes) -> Response {
        var w = JSONWriter(capacity: 1024)
        w.object { w in
            w.member("access_token", token)
            w.member("token_type", "bearer")
            w.member("expires_in", OwnTokens.endpointSeconds)
            w.member("scope", scopes.description)
        }
        return Response.json(.ok, w.finish())
    }
}

/// Why no token was given (RFC 6749, 5.2).
struct GrantFault: Error {
    var status: HTTPResponse.Status
    var code: String
    var text: String

    init(_ status: HTTPResponse.Status, _ code: String, _ text: String) {
        (self.status, self.code, self.text) = (status, code, text)
    }

    var response: Response {
        var w = JSONWriter(capacity: 160)
        w.object { w in
            w.member("error", code)
            w.member("error_description", text)
        }
        var response = Response.json(status, w.finish())
        if status == .tooManyRequests || status == .serviceUnavailable {
            response.headers[.retryAfter] = "1"
        }
        return response
    }
}
