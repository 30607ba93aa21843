import HTTPTypes
import Hummingbird
import Server
import Wire

/// Reads: one resource, its versions, searches, everything of a patient.
struct ResourceRoutes: FHIRRouteGroup {
    let reader: ResourceReader

    init(calls: StoreCalls, base: @escaping @Sendable () -> String) {
        reader = ResourceReader(calls: calls, base: base)
    }

    func add(to known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: reader.calls))
        for method in [HTTPRequest.Method.get, .head] {
            fhir.on("{type}", method: method) { try await answer($0, $1, .search(type: Self.type($1))) }
            fhir.on("{type}/_history", method: method) {
                try await answer($0, $1, .typeHistory(type: Self.type($1)))
            }
            fhir.on("{type}/{id}", method: method) {
                try await answer($0, $1, .read(type: Self.type($1), id: Self.id($1)))
            }
            fhir.on("{type}/{id}/_history", method: method) {
                try await answer($0, $1, .history(type: Self.type($1), id: Self.id($1)))
            }
            fhir.on("{type}/{id}/_history/{version}", method: method) {
                let version = $1.parameters.get("version") ?? ""
                return try await answer(
                    $0, $1, .version(type: Self.type($1), id: Self.id($1), version: version))
            }
            fhir.on("{type}/{id}/$everything", method: method) {
                try await answer($0, $1, .everything(type: Self.type($1), id: Self.id($1)))
            }
        }
        fhir.post("{type}/_search") { request, context in
            let query = [request.uri.query, try await Self.form(request)].compactMap(\.self).filter {
                !$0.isEmpty
            }
            return try await answer(
                request, context, .search(type: Self.type(context)), query.joined(separator: "&"))
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

    private static func type(_ context: ServerContext) -> String { context.parameters.get("type") ?? "" }
    private static func id(_ context: ServerContext) -> String { context.parameters.get("id") ?? "" }

    private func answer(
        _ request: Request, _ context: ServerContext, _ address: ReadAddress, _ query: String? = nil
    ) async throws -> Response {
        let answer = try await reader.answer(
            address, query ?? request.uri.query ?? "", request, context)
        return try await Self.response(answer, request, one: address.isOne, reader.calls)
    }

    /// - Parameter one: a resource with a version of its own.
    static func response(
        _ answer: ResourceAnswer, _ request: Request, one: Bool, _ calls: StoreCalls
    ) async throws -> Response {
        var headers: HTTPFields = [
            .contentType: FHIRAnswer.contentType, .cacheControl: "no-store",
            FHIRAnswer.position: String(answer.position.value),
            FHIRAnswer.receipt: String(answer.receipt.value), FHIRAnswer.notice: ReadNotice.text,
        ]
        if one, let version = answer.version {
            headers[.eTag] = "W/\"\(version.value)\""
            if let modified = answer.lastModified { headers[.lastModified] = HTTPDate.text(modified) }
            if Conditions.isUnchanged(request.headers, version: version.value, modified: answer.lastModified)
            {
                return Response(status: .notModified, headers: headers)
            }
        }
        let body = try await coded(answer.body, request, &headers, calls)
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// Compressing waits for a processor: not on a thread that others' bytes pass through.
    private static func coded(
        _ body: [UInt8], _ request: Request, _ headers: inout HTTPFields, _ calls: StoreCalls
    ) async throws -> [UInt8] {
        headers[.vary] = "Accept-Encoding"
        guard body.count >= ContentCoding.minimumBytes, ContentCoding.takesGzip(request.headers) else {
            return body
        }
        let asked = request.headers
        let (out, coding) = try await calls.run { _ in
            var headers: HTTPFields = [:]
            return (ContentCoding.coded(body, asked, &headers), headers[.contentEncoding])
        }
        headers[.contentEncoding] = coding
        return out
    }
}
