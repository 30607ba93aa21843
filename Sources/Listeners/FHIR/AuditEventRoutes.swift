import HTTPTypes
import Hummingbird
import Server

/// Who looked at whom. Routes of its own beside the other types': the trail is no part of any patient's record.
struct AuditEventRoutes: FHIRRouteGroup {
    let calls: StoreCalls
    /// Where links lead: `http://HOST:PORT/fhir`.
    let base: @Sendable () -> String

    /// As the CapabilityStatement tells them.
    static let parameters = [
        ("_id", "token"), ("agent", "reference"), ("date", "date"), ("entity", "reference"),
        ("patient", "reference"),
    ]

    func add(to known: RouterGroup<ServerContext>) {
        let fhir = known.group().add(middleware: FailureReceiptMiddleware(calls: calls))
        for method in [HTTPRequest.Method.get, .head] {
            fhir.on("AuditEvent", method: method) { try await search($0, $1, $0.uri.query ?? "") }
            fhir.on("AuditEvent/{id}", method: method) { request, context in
                let id = try FHIRNames.id(context, "id")
                var query = try FHIRQuery(request.uri.query ?? "", context: context, request)
                _ = try query.ignoreRest()
                let asked = TrailQuery(
                    caller: try context.authenticated(), one: id, base: base(), query: "AuditEvent/\(id)")
                return try await answer(asked, request, one: true)
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
        var query = try FHIRQuery(text, context: context, request)
        var asked = TrailQuery(
            caller: try context.authenticated(), base: base(), query: query.path("AuditEvent"))
        if let id = query.one("_id") {
            guard FHIRNames.isID(id) else { throw FHIRError.badRequest("_id: one id") }
            // A search of one: what is not there is an empty answer.
            asked.only = id
        }
        asked.patient = try query.patient()
        asked.agent = query.take { $0 == "agent" || $0 == "agent:identifier" }.last.map { value in
            String(value.value.split { $0 == "|" || $0 == "/" }.last ?? "")
        }
        for date in query.take({ $0 == "date" }) {
            guard let comparison = DateComparison(date.value, query.calendar) else {
                throw FHIRError.badRequest("date: not a date")
            }
            asked.dates.append(comparison)
        }
        if let entity = query.one("entity") {
            let parts = entity.split(separator: "/").suffix(2).map(String.init)
            guard parts.count == 2, FHIRNames.isID(parts[1]) else {
                throw FHIRError.badRequest("entity: Type/id")
            }
            if parts[0] == "Patient", asked.patient == nil {
                asked.patient = .id(parts[1])
            } else {
                asked.entity = parts.joined(separator: "/")
            }
        }
        if let sort = query.one("_sort"), !["-date", "-_lastUpdated"].contains(sort) {
            throw FHIRError.badRequest("_sort: the trail comes newest first, -date")
        }
        asked.count = max(1, try query.count())
        asked.page = query.one("_page")
        _ = try query.ignoreRest()
        return try await answer(asked, request, one: false)
    }

    private func answer(_ asked: TrailQuery, _ request: Request, one: Bool) async throws -> Response {
        do {
            let answer = try await calls.run { try $0.auditEvents(asked) }
            return try await ResourceRoutes.response(answer, request, one: one, calls)
        } catch let refusal as ResourceRefusal { throw FHIRError(refusal) }
    }
}
