import Intake

/// One method of one address, as `/openapi.json` tells it.
struct OpenAPIOperation {
    let method: String
    /// With `{name}` for what varies.
    let path: String
    let summary: String
    /// Status codes, and what each means.
    let answers: [Int: String]
    var type = "application/json"
    /// Whether a bearer token is needed.
    var isPrivate = false
    /// Parameters of the question; `true` where it is needed.
    var query: [(name: String, isNeeded: Bool)] = []
    /// Another form of a good answer.
    var alternative: String?
    /// What a failure is told in, where it is another form than the answer's.
    var failureType: String?

    static let all: [OpenAPIOperation] =
        [
            Self(
                method: "get", path: "/health/live", summary: "Whether the process answers",
                answers: [200: "It does"]),
            Self(
                method: "get", path: "/health/ready",
                summary: "Whether it can serve, or what keeps it from that",
                answers: [200: "It can", 503: "It cannot: problems says why"]),
            Self(
                method: "get", path: "/metrics", summary: "Measurements, as Prometheus reads them",
                answers: [200: "Text exposition format 0.0.4"], type: "text/plain"),
            Self(
                method: "get", path: "/openapi.json", summary: "This document", answers: [200: "OpenAPI 3.1"]),
            Self(
                method: "post", path: "/token",
                summary: "A token for a registered client that asks for itself (SMART Backend Services)",
                answers: [
                    200: "A token for at most five minutes", 400: "The request or its scopes are wrong",
                    401: "The assertion is not good", 429: "Too many; see Retry-After",
                    503: "It cannot be recorded now; see Retry-After",
                ]),
        ] + configuration + fhir + writes + audit

    /// What an address takes, in the table's order.
    static func methods(at path: String) -> [String] {
        let asked = path.split(separator: "/")
        let there = all.filter { operation in
            let parts = operation.path.split(separator: "/")
            return parts.count == asked.count
                && zip(parts, asked).allSatisfy { $0.first == "{" || $0 == $1 }
        }
        // An address of its own before one that names vary in.
        let path = there.map(\.path).min { $0.count { $0 == "{" } < $1.count { $0 == "{" } }
        return there.filter { $0.path == path && !$0.answers.keys.contains(405) }.map {
            $0.method.uppercased()
        }
    }

    private static let configuration = [
        "/.well-known/smart-configuration", "/fhir/.well-known/smart-configuration",
    ]
    .map {
        Self(
            method: "get", path: $0, summary: "What of SMART App Launch this server does",
            answers: [200: "It"])
    }

    private static let fhir: [OpenAPIOperation] =
        read(
            "/fhir/metadata", "The CapabilityStatement: what this server can do", [200: "It"],
            isPrivate: false)
        + read("/fhir/{type}", "Search one patient's resources of a type", found)
        + read("/fhir/AuditEvent", "Who looked: by patient, agent, date, entity", found)
        + read("/fhir/AuditEvent/{id}", "One event of the trail", one)
        + read("/fhir/{type}/_history", "Versions of one patient's resources of a type", found)
        + read(
            "/fhir/{type}/{id}", "Read a resource",
            one.merging([410: "The source took it back"]) { first, _ in first })
        + read("/fhir/{type}/{id}/_history", "A resource's versions", found)
        + read(
            "/fhir/{type}/{id}/_history/{version}", "Read a version of a resource",
            one.merging([410: "That version says that the source took it back"]) { first, _ in first })
        + read("/fhir/{type}/{id}/$everything", "All of a patient that may be shown", found)
        + [
            Self(
                method: "post", path: "/fhir/{type}/_search", summary: "Search, its parameters in the body",
                answers: found.merging([413: "The body is too large", 415: "Not a form"]) { first, _ in first
                },
                type: FHIRAnswer.contentType, isPrivate: true),
            Self(
                method: "post", path: "/fhir/AuditEvent/_search",
                summary: "Who looked, the parameters in the body",
                answers: found.merging([413: "The body is too large", 415: "Not a form"]) { first, _ in first
                },
                type: FHIRAnswer.contentType, isPrivate: true),
        ]
        + [
            ("override", "Declare an override, with its reason"),
            ("self-claim", "Claim a relationship, with its reason"),
        ]
        .map { name, summary in
            Self(
                method: "post", path: "/fhir/$\(name)", summary: summary,
                answers: refusals.merging([
                    201: "Declared: its id, its event and when it ends", 413: "The body is too large",
                    415: "Not FHIR JSON",
                ]) { first, _ in first }, type: FHIRAnswer.contentType, isPrivate: true)
        }

    private static let writes: [OpenAPIOperation] =
        [("post", ""), ("put", ""), ("put", "/{id}"), ("delete", "/{id}")].map { method, rest in
            write(
                method, "/fhir/AuditEvent" + rest, "Refused: the trail is made of receipts",
                refusals.merging([405: "Nobody sends AuditEvents"]) { first, _ in first })
        } + [
            write(
                "post", "/fhir",
                "Ask a batch of reads; send a transaction, a batch, or NDJSON with a message on each line",
                taken),
            write(
                "post", "/fhir/{type}", "Create a resource; If-None-Exist: only where none is found", taken),
            write(
                "put", "/fhir/{type}", "Update the resource that identifier or _id finds, or create it", taken
            ),
            write(
                "put", "/fhir/{type}/{id}", "Update or create a resource; If-Match: only that version", taken),
            write(
                "delete", "/fhir/{type}", "Take back the resource that identifier or _id finds",
                taken.merging([204: "It is not shown from now on, or there was none"]) { first, _ in first }),
            write(
                "delete", "/fhir/{type}/{id}", "Take a resource back; If-Match: only that version",
                taken.merging([204: "It is not shown from now on"]) { first, _ in first }),
        ]

    private static func write(
        _ method: String, _ path: String, _ summary: String, _ answers: [Int: String]
    ) -> OpenAPIOperation {
        Self(
            method: method, path: path, summary: summary, answers: answers, type: FHIRAnswer.contentType,
            isPrivate: true)
    }

    private static let taken = [
        200: "Durable, or so already", 201: "Created, and durable",
        400: "It cannot be read; kept in quarantine",
        401: "The token is not good", 403: "Not this client's to send", 404: "No such type",
        409: "It is held already, or was replaced since",
        412: "Another version is in force, or the condition finds several",
        413: "The body is too large", 415: "Not FHIR JSON or NDJSON",
        422: "It cannot be taken; kept in quarantine", 429: "Too many at once; see Retry-After",
        503: "It was not taken; see Retry-After",
    ]

    static let refusals = [
        400: "The question is wrong", 401: "The token is not good", 403: "Policy or scope refuses",
        404: "Not there, or not for you", 406: "Only JSON is served",
        500: "What is held could not be read; nothing was shown",
        429: "Too many at once; see Retry-After",
        503: "It cannot be answered with a durable receipt now; see Retry-After",
    ]
    private static let found = refusals.merging([200: "A Bundle"]) { first, _ in first }
    private static let one = refusals.merging([200: "The resource", 304: "Unchanged"]) { first, _ in first }

    private static func read(
        _ path: String, _ summary: String, _ answers: [Int: String], isPrivate: Bool = true
    ) -> [OpenAPIOperation] {
        ["get", "head"].map { method in
            Self(
                method: method, path: path, summary: summary, answers: answers,
                type: FHIRAnswer.contentType, isPrivate: isPrivate)
        }
    }

    /// What the parser and the bounds answer before any route does.
    private static let bounds = [
        400: "It is no HTTP request", 413: "The body is too large", 414: "The address is too long",
    ]

    func write(to w: inout JSONWriter) {
        w.key(method)
        w.object { w in
            w.member("summary", summary)
            if isPrivate {
                w.key("security")
                w.array { w in
                    w.object { w in
                        w.key("bearer"); w.array { _ in }
                    }
                }
            }
            if !parameters.isEmpty {
                w.key("parameters")
                w.array { w in for parameter in parameters { parameter.write(to: &w) } }
            }
            writeBody(to: &w)
            w.key("responses")
            w.object { w in
                for (status, text) in answers.merging(Self.bounds, uniquingKeysWith: { own, _ in own })
                    .sorted(by: { $0.key < $1.key })
                {
                    w.key(String(status))
                    w.object { w in
                        w.member("description", text)
                        if ![204, 304].contains(status), method != "head" { writeContent(status, to: &w) }
                    }
                }
            }
        }
    }

    private func writeContent(_ status: Int, to w: inout JSONWriter) {
        var types = [type] + [alternative].compactMap(\.self)
        if status >= 400, let failureType { types = [failureType] }
        w.key("content")
        w.object { w in
            for type in types {
                let isText = type.hasPrefix("text/") || type.hasSuffix("ndjson")
                w.key(type)
                w.object { w in
                    w.key("schema")
                    w.object { w in w.member("type", isText ? "string" : "object") }
                }
            }
        }
    }
}
