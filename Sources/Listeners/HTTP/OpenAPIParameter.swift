import Intake

/// What an operation takes beside its body.
struct OpenAPIParameter {
    enum Place: String { case path, query, header }

    let name: String
    let place: Place
    var isRequired = false
    var type = "string"
    var text = ""
    /// Stands for any other parameters: each by its own name.
    var isOpen = false

    func write(to w: inout JSONWriter) {
        w.object { w in
            w.member("name", name)
            w.member("in", place.rawValue)
            w.member("required", isRequired)
            if !text.isEmpty { w.member("description", text) }
            if isOpen {
                w.member("style", "form")
                w.member("explode", true)
            }
            w.key("schema")
            w.object { w in
                w.member("type", isOpen ? "object" : type)
                guard isOpen else { return }
                w.key("additionalProperties")
                w.object { w in w.member("type", "string") }
            }
        }
    }
}

extension OpenAPIOperation {
    private static func query(_ name: String, _ text: String, type: String = "string") -> OpenAPIParameter {
        OpenAPIParameter(name: name, place: .query, type: type, text: text)
    }

    private static func header(_ name: String, _ text: String) -> OpenAPIParameter {
        OpenAPIParameter(name: name, place: .header, text: text)
    }

    private static let ofEvery = [header("traceparent", "W3C: the trace that the request belongs to")]
    private static let ofEveryPrivate = [
        header("Daybook-Purpose", "Why the caller asks: direct-care unless said"),
        header("Daybook-Client-Sequence", "The client's own number for the request, of at most 20 digits"),
    ]
    private static let patient = [
        query("patient", "A Patient's id"),
        query("patient.identifier", "The patient's NHS number, or https://fhir.nhs.uk/Id/nhs-number|NUMBER"),
    ]
    private static let asOf = [
        query("_asof", "An instant, a date or #POSITION: takes a role that may audit"),
        query("_case", "An open case for the patient, under which another time is seen as it could be then"),
        query("_format", "JSON alone: json, application/json or application/fhir+json"),
    ]
    private static let pages = [
        query("_count", "Entries of a page, at most", type: "integer"),
        query("_page", "The next page, as a link of the last one names it"),
    ]
    private static let search =
        CapabilityStatement.results.map(\.0).filter { !["_count", "_asof", "_case"].contains($0) }.map {
            query($0, "FHIR R4, search result parameters")
        } + [
            query("_id", "The resource's id"), query("_lastUpdated", "A date with its prefix"),
            OpenAPIParameter(
                name: "others", place: .query,
                text: "Search parameters of the type, as /fhir/metadata lists them",
                isOpen: true),
            header("Prefer", "handling=lenient: unknown parameters are told and not refused"),
        ]
    private static let trail =
        TrailQueryReader.parameters.map { query($0.0, "FHIR R4, AuditEvent") }
        + [query("_case", "An open case for the patient, under which the resources shown are named")] + pages
        + asOf.suffix(1)
    private static let conditional = [
        query("identifier", "SYSTEM|VALUE"), query("_id", "The source's id, or Daybook's"),
        query("patient", "Of which patient, where the resource itself does not say"),
    ]
    private static let unchanged = [
        header("If-None-Match", "304 where that version is in force"),
        header("If-Modified-Since", "304 where nothing came since"),
    ]

    /// All of them, those of the address first.
    var parameters: [OpenAPIParameter] {
        let names = path.split(separator: "/").filter { $0.hasPrefix("{") }.map { $0.dropFirst().dropLast() }
        return names.map { OpenAPIParameter(name: String($0), place: .path, isRequired: true) } + Self.ofEvery
            + (isPrivate ? Self.ofEveryPrivate : []) + others
            + query.map { OpenAPIParameter(name: $0.name, place: .query, isRequired: $0.isNeeded) }
    }

    private var others: [OpenAPIParameter] {
        let isRead = method == "get" || method == "head"
        switch path {
        case _ where !isPrivate: return []
        case "/fhir/AuditEvent" where isRead: return Self.trail
        case "/fhir/AuditEvent/_search", "/fhir/{type}/_search": return []
        case "/fhir/{type}" where isRead: return Self.patient + Self.search + Self.pages + Self.asOf
        case "/fhir/{type}/{id}" where isRead, "/fhir/{type}/{id}/_history/{version}":
            return Self.patient + Self.asOf + Self.unchanged
        case "/fhir/{type}/_history", "/fhir/{type}/{id}/_history":
            return Self.patient + [
                Self.query("_since", "Versions from then on"),
                Self.query("_at", "Versions current in that period"),
            ] + Self.pages + Self.asOf
        case "/fhir/{type}/{id}/$everything":
            return [
                Self.query("_type", "Types, with commas"), Self.query("_since", "What changed from then on"),
            ] + Self.pages + Self.asOf
        case "/fhir/{type}" where method == "post":
            return [Self.header("If-None-Exist", "Create only where this finds none"), Self.prefer]
        case "/fhir/{type}": return Self.conditional + [Self.ifMatch, Self.prefer]
        case "/fhir/{type}/{id}": return isRead ? [] : [Self.ifMatch, Self.prefer]
        default: return []
        }
    }

    private static let ifMatch = header("If-Match", "The version that must be in force, as its ETag says it")
    private static let prefer = header("Prefer", "return=minimal, representation or OperationOutcome")

    /// Media types of what is sent, and whether something has to be.
    var body: [String] {
        switch (method, path) {
        case ("post", "/token"), ("post", "/fhir/{type}/_search"), ("post", "/fhir/AuditEvent/_search"):
            ["application/x-www-form-urlencoded"]
        case ("post", "/fhir"): ["application/fhir+json", "application/json", BundleRoute.lines]
        case ("post", _) where path.hasPrefix("/fhir"), ("put", _):
            ["application/fhir+json", "application/json"]
        default: []
        }
    }

    func writeBody(to w: inout JSONWriter) {
        guard !body.isEmpty else { return }
        w.key("requestBody")
        w.object { w in
            w.member("required", true)
            w.key("content")
            w.object { w in
                for type in body {
                    w.key(type)
                    w.object { w in
                        w.key("schema")
                        w.object { w in w.member("type", type == BundleRoute.lines ? "string" : "object") }
                    }
                }
            }
        }
    }
}
