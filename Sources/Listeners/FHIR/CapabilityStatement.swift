import Intake
import Server

/// What this server does over FHIR, from the tables that it does it by: so that it tells the truth.
struct CapabilityStatement {
    let base: @Sendable () -> String
    /// Where a client that asks for itself gets its tokens.
    let tokens: @Sendable () -> String

    /// How a search of any type is answered.
    static let results = [
        ("_count", "number"), ("_total", "token"), ("_sort", "string"), ("_include", "string"),
        ("_revinclude", "string"), ("_elements", "string"), ("_summary", "token"), ("_asof", "string"),
        ("_case", "string"),
    ]
    /// Of every type; the last three for sources.
    static let interactions = [
        "read", "vread", "history-instance", "history-type", "search-type", "create", "update", "delete",
    ]

    func json() -> [UInt8] {
        var w = JSONWriter(capacity: 32 << 10)
        w.object { w in
            w.member("resourceType", "CapabilityStatement")
            w.member("status", "active")
            w.member("date", "2018-01-01")
            w.member("kind", "instance")
            w.key("software")
            w.object { w in w.member("name", "Daybook") }
            w.key("implementation")
            w.object { w in
                w.member("description", "A shared care record that can prove what it showed")
                w.member("url", base())
            }
            w.member("fhirVersion", "4.0.1")
            w.key("format")
            w.array { w in w.string("json") }
            w.key("rest")
            w.array { w in w.object { rest(&$0) } }
        }
        return w.finish()
    }

    private func rest(_ w: inout JSONWriter) {
        w.member("mode", "server")
        w.member(
            "documentation",
            "Every answer has a receipt in the log before its first byte leaves: Daybook-Receipt says where, Daybook-Position as of "
                + "what. A search is of one patient: patient, patient.identifier, or for Patient identifier or _id; "
                + "a Patient is also found by family, birthdate and one more, before any relationship. Unknown parameters are "
                + "refused; Prefer: handling=lenient has them told instead. _asof=WHEN (an instant, a date or #POSITION) asks as of "
                + "another time and takes a role that may audit; _case=REF under a case that is open for the patient. The trail is AuditEvent: "
                + "which resources were shown, and entity, take _case. Sources send with system scopes: each message is answered once it is "
                + "durable, the same again alike; what cannot be taken is kept in quarantine, whole, and the answer names it."
        )
        w.key("security")
        w.object { w in
            w.key("extension")
            w.array { w in w.object { oauth(&$0) } }
            w.key("service")
            w.array { w in
                w.object { w in
                    w.key("coding")
                    w.array { w in
                        w.object { w in
                            w.member(
                                "system", "http://terminology.hl7.org/CodeSystem/restful-security-service")
                            w.member("code", "SMART-on-FHIR")
                        }
                    }
                }
            }
            w.member("description", "Bearer tokens with SMART App Launch 2 scopes")
        }
        w.key("resource")
        w.array { w in
            for type in (SearchParameters.types + ["Binary", "Patient"]).sorted() {
                w.object { resource(type, &$0) }
            }
            w.object { auditEvent(&$0) }
        }
        w.key("searchParam")
        w.array { w in for (name, type) in Self.results { Self.parameter(name, type, &w) } }
        w.key("interaction")
        w.array { w in
            for code in ["transaction", "batch"] { w.object { w in w.member("code", code) } }
        }
        w.key("operation")
        w.array { w in
            for name in ["override", "self-claim"] {
                w.object { w in
                    w.member("name", name)
                    w.member("definition", "https://daybook.invalid/fhir/OperationDefinition/\(name)")
                }
            }
        }
    }

    /// Where SMART clients before version 2 look for the endpoint.
    private func oauth(_ w: inout JSONWriter) {
        w.member("url", "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris")
        w.key("extension")
        w.array { w in
            w.object { w in
                w.member("url", "token")
                w.member("valueUri", tokens())
            }
        }
    }

    private func resource(_ type: String, _ w: inout JSONWriter) {
        w.member("type", type)
        w.key("interaction")
        w.array { w in
            for code in Self.interactions {
                w.object { w in w.member("code", code) }
            }
        }
        w.member("versioning", "versioned")
        w.member("readHistory", true)
        w.member("updateCreate", true)
        let parameters = SearchParameters.of(type)
        let isConditional = Self.isConditional(type)
        w.member("conditionalCreate", isConditional)
        w.member("conditionalRead", "full-support")
        w.member("conditionalUpdate", isConditional)
        w.member("conditionalDelete", isConditional ? "single" : "not-supported")
        let references = parameters.filter { $0.kind == .reference }
        if !references.isEmpty {
            w.key("searchInclude")
            w.array { w in for parameter in references { w.string("\(type):\(parameter.name)") } }
        }
        w.key("searchRevInclude")
        w.array { w in
            for other in SearchParameters.types {
                for parameter in SearchParameters.of(other)
                where parameter.kind == .reference && Self.mayName(type, parameter.name, of: other) {
                    w.string("\(other):\(parameter.name)")
                }
            }
        }
        w.key("searchParam")
        w.array { w in
            Self.parameter("_id", "token", &w)
            Self.parameter("_lastUpdated", "date", &w)
            if type != "Patient", !parameters.contains(where: { $0.name == "patient" }) {
                Self.parameter("patient", "reference", &w)
            }
            for parameter in parameters { Self.parameter(parameter.name, parameter.kind.rawValue, &w) }
            guard type == "Patient" else { return }
            for name in PatientFinder.parameters {
                let kind = name == "birthdate" ? "date" : name == "gender" ? "token" : "string"
                Self.parameter(name, kind, &w)
            }
        }
        guard type == "Patient" else { return }
        w.key("operation")
        w.array { w in
            w.object { w in
                w.member("name", "everything")
                w.member("definition", "http://hl7.org/fhir/OperationDefinition/Patient-everything")
            }
        }
    }

    /// Whether a condition on a write of the type can be answered: it is looked for among what the source sent of the patient whom the
    /// resource names, so that of a type that names none every condition but `_id` is refused.
    static func isConditional(_ type: String) -> Bool {
        if type == "Patient" { return true }
        return type != "Provenance" && SearchParameters.of(type).contains { $0.name == "patient" }
    }

    /// Whether a reference parameter may lead to the type: by its name, or as FHIR R4 has it.
    private static func mayName(_ type: String, _ name: String, of other: String) -> Bool {
        switch name {
        case "target": true
        case "result": type == "Observation" && other == "DiagnosticReport"
        case "subject": type == "Patient"
        default: name == type.lowercased()
        }
    }

    /// Made of receipts: for those who may audit, and for a patient of their own record.
    private func auditEvent(_ w: inout JSONWriter) {
        w.member("type", "AuditEvent")
        w.key("interaction")
        w.array { w in for code in ["read", "search-type"] { w.object { w in w.member("code", code) } } }
        w.key("searchParam")
        w.array { w in for (name, type) in TrailQueryReader.parameters { Self.parameter(name, type, &w) } }
    }

    private static func parameter(_ name: String, _ type: String, _ w: inout JSONWriter) {
        w.object { w in
            w.member("name", name)
            w.member("type", type)
        }
    }
}
