import HTTPTypes
import Hummingbird
import Server

/// Who looked at whom. Routes of its own beside the other types': the trail is no part of any patient's record.
struct AuditEventRoutes: FHIRRouteGroup {
    let reader: ResourceReader

    /// - Parameter base: where links lead: `http://HOST:PORT/fhir`.
    init(calls: StoreCalls, base: @escaping @Sendable () -> String) {
        reader = ResourceReader(calls: calls, base: base)
    }

    func add(to known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: reader.calls))
        for method in [HTTPRequest.Method.get, .head] {
            fhir.on("AuditEvent", method: method) { try await search($0, $1, $0.uri.query ?? "") }
            fhir.on("AuditEvent/{id}", method: method) { request, context in
                let id = try FHIRNames.id(context, "id")
                return try await answer(
                    .read(type: "AuditEvent", id: id), request.uri.query ?? "", request, context)
            }
        }
        // Theirs alone to make: answered as FHIR does, where a route of the other types would be none of theirs.
        for (path, method) in [
            ("AuditEvent", HTTPRequest.Method.post), ("AuditEvent", .put), ("AuditEvent/{id}", .put),
            ("AuditEvent/{id}", .delete),
        ] {
            fhir.on("\(path)", method: method) { (_: Request, _: ServerContext) async throws -> Response in
                throw FHIRError(
                    .methodNotAllowed, "not-supported", "BAD_REQUEST",
                    "the trail is made of receipts: nobody sends AuditEvents")
            }
        }
        fhir.post("AuditEvent/_search") { request, context in
            let body = try await ResourceRoutes.form(request)
            let query = [request.uri.query, body].compactMap(\.self).filter { !$0.isEmpty }
            return try await search(request, context, query.joined(separator: "&"))
        }
    }

    private func search(
        _ request: Request, _ context: ServerContext, _ text: String
    ) async throws -> Response {
        try await answer(.search(type: "AuditEvent"), text, request, context)
    }

    private func answer(
        _ address: ReadAddress, _ query: String, _ request: Request, _ context: ServerContext
    ) async throws -> Response {
        let answer = try await reader.answer(address, query, request, context)
        return try await ResourceRoutes.response(answer, request, one: address.isOne, reader.calls)
    }
}
