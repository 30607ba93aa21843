import HTTPTypes
import Hummingbird
import Intake
import Server
import Wire

/// What sources send: one resource, a Bundle of several, or a line for each message. Answered once it is durable.
struct WriteRoutes: FHIRRouteGroup {
    let calls: StoreCalls
    let lane: IntakeLane
    /// Where links lead: `http://HOST:PORT/fhir`.
    let base: @Sendable () -> String
    /// Bytes of a body, at most.
    let bodyBytes: Int

    func add(to known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: calls, isWrite: true))
        fhir.post("{type}") { request, context in
            let type = try FHIRNames.type(context)
            var write = SourceWrite(.create(type: type), body: try await body(request))
            write.criteria = try request.headers[Self.ifNoneExist].map {
                try WriteReader.criteria($0, context, request)
            }
            return try await one(write, request, context)
        }
        fhir.put("{type}/{id}") { request, context in
            let (type, id) = (try FHIRNames.type(context), try FHIRNames.id(context, "id"))
            var write = SourceWrite(.update(type: type, id: id), body: try await body(request))
            write.ifMatch = try request.headers[.ifMatch].map(WriteReader.version)
            return try await one(write, request, context)
        }
        fhir.put("{type}") { request, context in
            let type = try FHIRNames.type(context)
            var write = SourceWrite(.updateMatching(type: type), body: try await body(request))
            write.criteria = try WriteReader.criteria(request.uri.query ?? "", context, request)
            write.ifMatch = try request.headers[.ifMatch].map(WriteReader.version)
            return try await one(write, request, context)
        }
        fhir.delete("{type}") { request, context in
            var write = SourceWrite(.deleteMatching(type: try FHIRNames.type(context)))
            write.criteria = try WriteReader.criteria(request.uri.query ?? "", context, request)
            write.ifMatch = try request.headers[.ifMatch].map(WriteReader.version)
            return try await one(write, request, context)
        }
        fhir.delete("{type}/{id}") { request, context in
            let (type, id) = (try FHIRNames.type(context), try FHIRNames.id(context, "id"))
            var write = SourceWrite(.delete(type: type, id: id))
            write.ifMatch = try request.headers[.ifMatch].map(WriteReader.version)
            return try await one(write, request, context)
        }
    }

    static let ifNoneExist = HTTPField.Name("If-None-Exist")!
    private static let prefer = HTTPField.Name("Prefer")!

    private func body(_ request: Request) async throws -> [UInt8] {
        try await Self.body(request, upTo: bodyBytes, types: ["application/fhir+json", "application/json"])
    }

    /// - Throws: 415 for another type than those, 413 past the limit.
    static func body(_ request: Request, upTo bytes: Int, types: [String]) async throws -> [UInt8] {
        let sent = request.headers[.contentType]?.split(separator: ";").first.map {
            $0.lowercased().filter { $0 != " " }
        }
        guard let sent, types.contains(sent) else {
            throw FHIRError(
                .unsupportedMediaType, "not-supported", "BAD_REQUEST",
                "send \(types.joined(separator: " or "))")
        }
        // What is taken is kept byte for byte: packed, it would be kept unread.
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
            throw FHIRError(
                .unsupportedMediaType, "not-supported", "BAD_REQUEST",
                "Content-Encoding: a body comes as it is")
        }
        var request = request
        return Array(try await request.collectBody(upTo: bytes).readableBytesView)
    }

    private func one(
        _ write: SourceWrite, _ request: Request, _ context: ServerContext
    ) async throws -> Response {
        let caller = try context.authenticated()
        let source = try await calls.run { try $0.source(of: caller, sending: [write]) }
        let outcome = try await lane.take([write], source: source)[0].get(orPushBack: ())
        let answer = try await calls.run { [base] in
            var answer = try WriteAnswer(outcome, of: write, store: $0, base: base())
            if answer.stands { answer.receipt = try $0.recordStanding(of: caller) }
            return answer
        }
        return Self.response(answer, prefer: request.headers[values: Self.prefer].joined(separator: ","))
    }

    private static func response(_ answer: WriteAnswer, prefer: String) -> Response {
        var headers: HTTPFields = [.cacheControl: "no-store"]
        if let location = answer.location { headers[.location] = location }
        if let receipt = answer.receipt { headers[FHIRAnswer.receipt] = String(receipt.value) }
        if let version = answer.version {
            headers[.eTag] = "W/\"\(version.value)\""
            headers[FHIRAnswer.position] = String(version.value)
        }
        if let modified = answer.recordedAt { headers[.lastModified] = HTTPDate.text(modified) }
        let isMinimal = prefer.contains("return=minimal")
        guard !isMinimal, !answer.content.isEmpty, answer.status != .noContent else {
            return Response(status: answer.status, headers: headers)
        }
        headers[.contentType] = FHIRAnswer.contentType
        let wantsOutcome = prefer.contains("return=OperationOutcome")
        let bytes = wantsOutcome ? WriteAnswer.taken(answer.status) : answer.content
        return Response(
            status: answer.status, headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}

extension Result where Failure == DoorFailure {
    /// - Throws: what tells the sender to come again, where it could not be taken now.
    func get(orPushBack: Void) throws -> Success {
        switch self {
        case .success(let value): return value
        case .failure(.notTaken(let why)):
            throw FHIRError(
                .serviceUnavailable, "throttled", "INTERNAL_SERVER_ERROR",
                "it was not taken: \(why); send the same again")
        case .failure(.usage(let text)): throw FHIRError.badRequest(text)
        case .failure(.unknown):
            throw FHIRError(
                .serviceUnavailable, "exception", "INTERNAL_SERVER_ERROR",
                "whether it was taken is not known; send the same again")
        }
    }
}
