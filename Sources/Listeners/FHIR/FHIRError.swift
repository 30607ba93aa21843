import HTTPTypes
import Hummingbird
import Intake
import Server

/// Why a FHIR request was not answered: an OperationOutcome (FHIR R4), with GP Connect's codes where it has one.
struct FHIRError: Error, HTTPResponseError {
    var status: HTTPResponse.Status
    /// FHIR's IssueType.
    var code: String
    /// GP Connect's word: ACCESS_DENIED, NO_RECORD_FOUND …
    var word: String
    var text: String
    var headers: HTTPFields = [:]
    /// The rule that it stands on, where that may be told.
    var rule: String?
    /// Of the receipt that records it, where the store answered.
    var receipt: UInt64?
    /// FHIRPath to the fault in what was sent.
    var expression: String?
    /// Line and column in what was sent.
    var place: String?

    init(
        _ status: HTTPResponse.Status, _ code: String, _ word: String, _ text: String,
        headers: HTTPFields = [:]
    ) {
        (self.status, self.code, self.word, self.text) = (status, code, word, text)
        self.headers = headers
    }

    static func badRequest(_ text: String) -> FHIRError {
        FHIRError(.badRequest, "invalid", "BAD_REQUEST", text)
    }
    /// What was not looked at, since there is no room for it now: it is told to come again, and leaves no receipt.
    var isPushback: Bool {
        status == .tooManyRequests || (status == .serviceUnavailable && code == "throttled")
    }

    static let notFound = FHIRError(
        .notFound, "not-found", "NO_RECORD_FOUND", "nothing of that name may be shown")

    func response(from request: Request, context: some RequestContext) throws -> Response {
        response(trace: nil)
    }

    /// How an error is written.
    enum Form: Sendable {
        /// FHIR's OperationOutcome.
        case outcome
        /// Problem details (RFC 9457).
        case problem
    }

    func response(trace: String?, _ form: Form = .outcome) -> Response {
        var headers = headers
        headers[.contentType] = form == .outcome ? FHIRAnswer.contentType : "application/problem+json"
        headers[.cacheControl] = "no-store"
        if status == .serviceUnavailable || status == .tooManyRequests, headers[.retryAfter] == nil {
            headers[.retryAfter] = "1"
        }
        if let receipt { headers[FHIRAnswer.receipt] = String(receipt) }
        return Response(
            status: status, headers: headers,
            body: ResponseBody(
                byteBuffer: ByteBuffer(bytes: form == .outcome ? outcome(trace: trace) : problem(trace))))
    }

    /// Problem details: `rule` and `receipt` are members of our own.
    private func problem(_ trace: String?) -> [UInt8] {
        var w = JSONWriter(capacity: 256)
        w.object { w in
            w.member("title", status.reasonPhrase)
            w.member("status", status.code)
            w.member("detail", text)
            w.member("rule", ifPresent: rule)
            if let receipt { w.member("receipt", receipt) }
            w.member("trace", ifPresent: trace)
        }
        return w.finish()
    }

    /// The OperationOutcome's bytes.
    func outcome(trace: String?) -> [UInt8] {
        var w = JSONWriter(capacity: 384)
        w.object { w in
            w.member("resourceType", "OperationOutcome")
            w.key("issue")
            w.array { w in
                w.object { w in
                    w.member("severity", "error")
                    w.member("code", code)
                    w.key("details")
                    w.object { w in
                        w.key("coding")
                        w.array { w in
                            w.object { w in
                                w.member("system", Self.system)
                                w.member("code", word)
                            }
                        }
                        w.member("text", text)
                    }
                    let told = [place, trace.map { "trace \($0)" }].compactMap(\.self)
                    if !told.isEmpty { w.member("diagnostics", told.joined(separator: "; ")) }
                    if let expression {
                        w.key("expression")
                        w.array { w in w.string(expression) }
                    }
                }
            }
        }
        return w.finish()
    }

    /// Spine's code system, which GP Connect's errors come from.
    static let system = "https://fhir.nhs.uk/STU3/CodeSystem/Spine-ErrorOrWarningCode-1"
}

extension FHIRError {
    /// What a store's failure is to a client.
    init(_ error: StoreError) {
        switch error {
        case .usage(let text): self = .badRequest(text)
        case .refused(let text): self.init(.forbidden, "forbidden", "ACCESS_DENIED", text)
        case .busy:
            self.init(
                .serviceUnavailable, "lock-error", "INTERNAL_SERVER_ERROR",
                "the record kept moving; nothing was served; try again")
        case .log(.busy), .log(.closed):
            self.init(
                .serviceUnavailable, "throttled", "INTERNAL_SERVER_ERROR",
                "the log takes no more now; nothing was served; try again")
        case .log(.stopped), .log(.full):
            // It takes somebody to mend that: whoever asks again at once gets the same.
            self.init(
                .serviceUnavailable, "exception", "INTERNAL_SERVER_ERROR",
                "the log takes nothing, so no receipt could be written; nothing was served",
                headers: [.retryAfter: "60"])
        case .log, .projection, .io:
            self.init(
                .serviceUnavailable, "exception", "INTERNAL_SERVER_ERROR",
                "the receipt could not be written; nothing was served")
        }
    }

    init(_ refusal: ResourceRefusal) {
        switch refusal.kind {
        case .notFound, .nobody: self = .notFound
        case .gone: self.init(.gone, "deleted", "NO_RECORD_FOUND", "it was deleted")
        case .refused(let rule):
            self.init(
                .forbidden, "forbidden", rule == "permission" ? "NO_PATIENT_CONSENT" : "ACCESS_DENIED",
                "policy does not let this user see this patient: \(rule)")
        case .told(_, let text): self.init(.forbidden, "forbidden", "ACCESS_DENIED", text)
        case .audit:
            self.init(.forbidden, "forbidden", "ACCESS_DENIED", "_asof takes a role that may audit")
        case .scope:
            self.init(.forbidden, "forbidden", "ACCESS_DENIED", "the token's scopes do not reach that")
        case .failed(.projection), .failed(.io):
            self.init(
                .internalServerError, "exception", "INTERNAL_SERVER_ERROR",
                "what is held could not be read; nothing was shown")
        case .failed(let error): self.init(error)
        }
        switch refusal.kind {
        case .refused(let word), .told(let word, _): rule = word
        default: break
        }
        receipt = refusal.receipt.value
        headers[FHIRAnswer.position] = String(refusal.position.value)
    }

    init(_ refusal: CallerRefusal) {
        switch refusal.kind {
        case .unauthenticated:
            self.init(
                .unauthorized, "login", "ACCESS_DENIED", refusal.text,
                headers: [.wwwAuthenticate: #"Bearer realm="daybook", error="invalid_token""#])
        case .forbidden: self.init(.forbidden, "forbidden", "ACCESS_DENIED", refusal.text)
        case .malformed: self = .badRequest(refusal.text)
        }
    }
}

/// Names of what every FHIR answer carries.
enum FHIRAnswer {
    static let contentType = "application/fhir+json; charset=utf-8"
    static let receipt = HTTPField.Name("Daybook-Receipt")!
    static let position = HTTPField.Name("Daybook-Position")!
    static let notice = HTTPField.Name("Daybook-Notice")!
    static let sequence = HTTPField.Name("Daybook-Client-Sequence")!
    static let purpose = HTTPField.Name("Daybook-Purpose")!
}
