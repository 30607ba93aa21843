import CareRecord
import HTTPTypes
import Hummingbird
import Server

/// Lets a request in with whoever asks in its context, or records why not.
struct AuthenticationMiddleware: RouterMiddleware {
    typealias Context = ServerContext

    let calls: StoreCalls
    let verifier: TokenVerifier
    let refusals: RefusalRecorder
    let limits: ClientLimits

    func handle(
        _ request: Request, context: ServerContext,
        next: (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let call = CallDetails(trace: context.traceID)
        let claims = try await claims(request, call, from: context.peer)
        try limits.enter(claims.client)
        defer { limits.leave(claims.client) }
        var context = context
        context.caller = try await admitted(claims, request, call, from: context.peer)
        return try await next(request, context)
    }

    /// Whoever asks, as token and policy have them now: looked at again while an answer goes on.
    ///
    /// - Throws: `CallerRefusal`, recorded; `FHIRError`.
    func admitted(_ request: Request, _ context: ServerContext) async throws -> Caller {
        let call = CallDetails(trace: context.traceID)
        let claims = try await claims(request, call, from: context.peer)
        return try await admitted(claims, request, call, from: context.peer)
    }

    private func claims(
        _ request: Request, _ call: CallDetails, from peer: String
    ) async throws -> TokenClaims {
        do throws(TokenFault) { return try await verifier.verify(try Self.token(request)) } catch {
            // Nothing is wrong with the token, as far as anybody knows: whoever has it should keep it.
            if error == .keysUnavailable {
                throw FHIRError(
                    .serviceUnavailable, "transient", "INTERNAL_SERVER_ERROR", error.text,
                    headers: [.retryAfter: "5"])
            }
            let refusal = CallerRefusal(.unauthenticated, error.reason, error.text)
            try await refusals.record(refusal, call, from: peer)
            throw refusal
        }
    }

    private func admitted(
        _ claims: TokenClaims, _ request: Request, _ call: CallDetails, from peer: String
    ) async throws -> Caller {
        do { return try await caller(claims, request, call) } catch let refusal as CallerRefusal {
            try await refusals.record(refusal, call, from: peer)
            throw refusal
        }
    }

    private func caller(
        _ claims: TokenClaims, _ request: Request, _ call: CallDetails
    ) async throws -> Caller {
        var call = call
        call.sequence = try Self.sequence(request, claims)
        let purpose = request.headers[FHIRAnswer.purpose] ?? Purpose.directCare
        guard Self.isWord(purpose) else {
            throw CallerRefusal(
                .malformed, "purpose", "Daybook-Purpose: a purpose is a word such as direct-care",
                claims: claims)
        }
        return try await calls.run { [call] in try $0.caller(claims, purpose: purpose, call: call) }
    }

    /// RFC 6750, 2.1: in the header alone. One in the address would be in every log on the way.
    private static func token(_ request: Request) throws(TokenFault) -> Substring {
        let headers = request.headers[values: .authorization]
        guard headers.count == 1 else { throw headers.isEmpty ? .missing : .malformed("was sent twice") }
        // By bytes: a token is long, and looking for its characters costs more than its hash.
        let words = headers[0].utf8.split(separator: UInt8(ascii: " "))
        guard words.count == 2, Substring(words[0]).lowercased() == "bearer" else { throw .missing }
        return Substring(words[1])
    }

    private static func sequence(
        _ request: Request, _ claims: TokenClaims
    ) throws(CallerRefusal) -> String? {
        guard let text = request.headers[FHIRAnswer.sequence] else { return nil }
        guard (1...20).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw CallerRefusal(
                .malformed, "sequence", "Daybook-Client-Sequence: a number of at most 20 digits",
                claims: claims)
        }
        return text
    }

    private static func isWord(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D }
    }
}
