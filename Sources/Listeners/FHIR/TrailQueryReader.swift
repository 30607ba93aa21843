import Server

/// Reads a question about AuditEvents: one of them, or a search.
enum TrailQueryReader {
    /// As the CapabilityStatement tells them.
    static let parameters = [
        ("_id", "token"), ("agent", "reference"), ("date", "date"), ("entity", "reference"),
        ("patient", "reference"),
    ]

    /// - Returns: nil for an address of another type.
    static func read(
        _ address: ReadAddress, _ query: inout FHIRQuery, _ caller: Caller, base: String
    ) throws -> TrailQuery? {
        switch address {
        case .search("AuditEvent"): return try search(&query, caller, base: base)
        case .read("AuditEvent", let id):
            guard FHIRNames.isID(id) else { throw FHIRError.notFound }
            let text = query.path("AuditEvent/\(id)")
            _ = try query.ignoreRest()
            return TrailQuery(caller: caller, one: id, base: base, query: text)
        case .history("AuditEvent", _), .version("AuditEvent", _, _), .typeHistory("AuditEvent"):
            // Made of receipts, which have one version.
            throw FHIRError.notFound
        default: return nil
        }
    }

    private static func search(
        _ query: inout FHIRQuery, _ caller: Caller, base: String
    ) throws -> TrailQuery {
        var asked = TrailQuery(caller: caller, base: base, query: query.path("AuditEvent"))
        if let id = query.one("_id") {
            guard FHIRNames.isID(id) else { throw FHIRError.badRequest("_id: one id") }
            // A search of one: what is not there is an empty answer.
            asked.only = id
        }
        asked.patient = try query.patient()
        asked.caseReference = query.one("_case")
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
        return asked
    }
}
