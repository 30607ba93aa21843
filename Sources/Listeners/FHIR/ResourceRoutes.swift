import HTTPTypes
import Hummingbird
import Intake
import Server
import Wire

/// Reads: one resource, its versions, searches, everything of a patient.
struct ResourceRoutes: FHIRRouteGroup {
    let calls: StoreCalls
    /// Where links lead: `http://HOST:PORT/fhir`.
    let base: @Sendable () -> String

    func add(to known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: calls))
        for method in [HTTPRequest.Method.get, .head] {
            fhir.on("{type}", method: method) { try await search($0, $1, $0.uri.query ?? "") }
            fhir.on("{type}/_history", method: method) { try await typeHistory($0, $1) }
            fhir.on("{type}/{id}", method: method) { try await read($0, $1) }
            fhir.on("{type}/{id}/_history", method: method) { try await history($0, $1) }
            fhir.on("{type}/{id}/_history/{version}", method: method) { try await version($0, $1) }
            fhir.on("{type}/{id}/$everything", method: method) { try await everything($0, $1) }
        }
        fhir.post("{type}/_search") { request, context in
            let body = try await Self.form(request)
            let query = [request.uri.query, body].compactMap(\.self).filter { !$0.isEmpty }
            return try await search(request, context, query.joined(separator: "&"))
        }
    }

    /// The parameters in the body of a search.
    static func form(_ request: Request) async throws -> String {
        var request = request
        let body = try await request.collectBody(upTo: 64 << 10)
        guard request.headers[.contentType]?.hasPrefix("application/x-www-form-urlencoded") ?? false
        else {
            throw FHIRError(
                .unsupportedMediaType, "processing", "BAD_REQUEST",
                "_search: send application/x-www-form-urlencoded")
        }
        return String(buffer: body)
    }

    // MARK: Routes

    private func read(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (type, id) = (try FHIRNames.type(context), try FHIRNames.id(context, "id"))
        var query = try FHIRQuery(request.uri.query ?? "", context: context, request)
        let asked = try asked(.read(type: type, id: id), "\(type)/\(id)", nil, &query, context)
        return try await answer(asked, request, one: true)
    }

    private func version(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (type, id) = (try FHIRNames.type(context), try FHIRNames.id(context, "id"))
        guard let version = context.parameters.get("version").flatMap({ UInt64($0) }) else {
            throw FHIRError.notFound
        }
        var query = try FHIRQuery(request.uri.query ?? "", context: context, request)
        let asked = try asked(
            .version(type: type, id: id, version: version), "\(type)/\(id)/_history/\(version)", nil, &query,
            context)
        return try await answer(asked, request, one: true)
    }

    private func history(_ request: Request, _ context: ServerContext) async throws -> Response {
        let (type, id) = (try FHIRNames.type(context), try FHIRNames.id(context, "id"))
        return try await history(request, context, type, id, "\(type)/\(id)/_history")
    }

    private func typeHistory(_ request: Request, _ context: ServerContext) async throws -> Response {
        let type = try FHIRNames.type(context)
        return try await history(request, context, type, nil, "\(type)/_history")
    }

    private func history(
        _ request: Request, _ context: ServerContext, _ type: String, _ id: String?, _ path: String
    ) async throws -> Response {
        var query = try FHIRQuery(request.uri.query ?? "", context: context, request)
        let history = HistoryQuery(
            since: try query.instant("_since"), at: try query.period("_at"), count: try query.count())
        let asked = try asked(.history(type: type, id: id, history), query.path(path), nil, &query, context)
        if id == nil, asked.patient == nil {
            throw FHIRError.badRequest("\(type)/_history: name the patient")
        }
        return try await answer(asked, request)
    }

    private func everything(_ request: Request, _ context: ServerContext) async throws -> Response {
        let id = try FHIRNames.id(context, "id")
        // One route for every type: a literal one beside it would hide the others from Patient.
        guard try FHIRNames.type(context) == "Patient" else { throw FHIRError.notFound }
        var query = try FHIRQuery(request.uri.query ?? "", context: context, request)
        let types = query.list("_type")
        for type in types { _ = try FHIRNames.checked(type: type) }
        let everything = EverythingQuery(
            types: types, since: try query.instant("_since"), count: try query.count(usual: 1000, most: 5000))
        let asked = try asked(
            .everything(everything), query.path("Patient/\(id)/$everything"), .id(id), &query, context)
        return try await answer(asked, request)
    }

    private func search(_ request: Request, _ context: ServerContext, _ text: String) async throws -> Response
    {
        let type = try FHIRNames.type(context)
        var query = try FHIRQuery(text, context: context, request)
        let path = query.path(type)
        let (patient, search) = try SearchReader.read(type, &query)
        let asked = try asked(.search(type: type, search), path, patient, &query, context)
        return try await answer(asked, request)
    }

    // MARK: Asking and answering

    /// The question with what every one of them may carry: whom it is about, as of when, which page.
    private func asked(
        _ question: ResourceQuestion, _ path: String, _ patient: AskedPatient? = nil,
        _ query: inout FHIRQuery,
        _ context: ServerContext
    ) throws -> ResourceRequest {
        var asked = ResourceRequest(
            caller: try context.authenticated(), question: question, patient: try patient ?? query.patient(),
            base: base(), query: path)
        asked.asOf = try query.when("_asof")
        asked.page = query.one("_page")
        try query.finish()
        return asked
    }

    private func answer(
        _ asked: ResourceRequest, _ request: Request, one: Bool = false
    ) async throws -> Response {
        let answer: ResourceAnswer
        do { answer = try await calls.run { try $0.resources(asked) } } catch let refusal as ResourceRefusal {
            throw FHIRError(refusal)
        }
        return Self.response(answer, request, one: one)
    }

    static func response(_ answer: ResourceAnswer, _ request: Request, one: Bool) -> Response {
        var headers: HTTPFields = [
            .contentType: FHIRAnswer.contentType, .cacheControl: "no-store",
            FHIRAnswer.position: String(answer.position.value),
            FHIRAnswer.receipt: String(answer.receipt.value),
        ]
        if one, let version = answer.version {
            headers[.eTag] = "W/\"\(version.value)\""
            if let modified = answer.lastModified { headers[.lastModified] = HTTPDate.text(modified) }
            if Conditions.isUnchanged(request.headers, version: version.value, modified: answer.lastModified)
            {
                return Response(status: .notModified, headers: headers)
            }
        }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}
