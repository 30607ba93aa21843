import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// One receipt about one patient as an AuditEvent (FHIR R4), in the patterns of IHE's Basic Audit Log Patterns 1.1.
///
/// It tells who, when, of whom, by what question and with what outcome; never what a resource said.
struct AuditEventWriter {
    /// Where this server is reached: `https://HOST/fhir`.
    let base: String

    /// What it is about.
    struct Event {
        var id: String
        var access: Access
        /// As it is told.
        var rule: String
        /// Nil where the receipt is about nobody, or the patient was erased.
        var patient: Patient?
        /// The same, by subject.
        var subjects: [StreamToken] = []
        /// To whoever may know.
        var query: String?
        /// How many resources were shown by a read.
        var items = 0
        /// Which, as `Type/id`, under a case.
        var references: [String] = []
    }

    /// How a patient is named.
    enum Patient {
        /// By NHS number.
        case number(String)
        /// By the id of a Patient resource.
        case id(String)
        /// Not at all: it would tell where they are.
        case opaque
    }

    private static let profiles = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
    private static let dicom = "http://dicom.nema.org/resources/ontology/DCM"
    /// Names of Daybook's own, for what no code system has.
    static let own = "urn:daybook"

    func json(_ event: Event) -> [UInt8] {
        let receipt = event.access.receipt
        var w = JSONWriter(capacity: 2048)
        w.object { w in
            w.member("resourceType", "AuditEvent")
            w.member("id", event.id)
            w.key("meta")
            w.object { w in
                w.member("versionId", "\(event.access.position.value)")
                w.member("lastUpdated", event.access.recordedAt.rfc3339)
                // A denial is none of the patterns of success.
                guard receipt.permitted, event.patient != nil, let profile = event.profile,
                    !event.isQuery || event.query != nil, event.isQuery || event.hasData
                else { return }
                w.key("profile")
                w.array { w in w.string(Self.profiles + profile) }
            }
            w.key("type")
            if receipt.call == nil {
                Self.coding(Self.dicom, "110110", "Patient Record", &w)
            } else {
                Self.coding(
                    "http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation", &w)
            }
            w.key("subtype")
            w.array { w in
                if let interaction = event.interaction {
                    Self.coding("http://hl7.org/fhir/restful-interaction", interaction, interaction, &w)
                }
                Self.coding("\(Self.own):question", receipt.question.rawValue, nil, &w)
                Self.coding("\(Self.own):kind", receipt.kind.rawValue, nil, &w)
            }
            w.member("action", event.action)
            w.member("recorded", event.access.recordedAt.rfc3339)
            w.member(
                "outcome", receipt.permitted ? "0" : event.rule == ResourceRefusal.failedRule ? "8" : "4")
            if !receipt.permitted { w.member("outcomeDesc", event.rule) }
            agents(event, &w)
            w.key("source")
            w.object { w in
                w.key("observer")
                w.object { w in w.member("display", "Daybook") }
                w.key("type")
                w.array { w in
                    Self.coding(
                        "http://terminology.hl7.org/CodeSystem/security-source-type", "4",
                        "Application Server", &w)
                }
            }
            entities(event, &w)
        }
        return w.finish()
    }

    // MARK: Agents

    private func agents(_ event: Event, _ w: inout JSONWriter) {
        let receipt = event.access.receipt
        // BALP: of a query the client is the source and the server the destination; of a read the other way round.
        let isQuery = event.isQuery
        w.key("agent")
        w.array { w in
            w.object { w in
                Self.role(
                    isQuery ? "110153" : "110152", isQuery ? "Source Role ID" : "Destination Role ID", &w)
                w.key("who")
                w.object { w in
                    Self.identifier("\(Self.own):client", receipt.call?.client ?? "daybook", &w)
                }
                w.member("requestor", false)
                Self.network(receipt.call?.client ?? receipt.systemUser, &w)
            }
            w.object { w in
                Self.role(
                    isQuery ? "110152" : "110153", isQuery ? "Destination Role ID" : "Source Role ID", &w)
                w.key("who")
                w.object { w in w.member("display", "Daybook") }
                w.member("requestor", false)
                Self.network(base, &w)
            }
            w.object { w in person(receipt, event.isPatients, &w) }
        }
    }

    /// Who authenticated: of a simulation the operator, whose sight it was not.
    private func person(_ receipt: Receipt, _ isOwn: Bool, _ w: inout JSONWriter) {
        w.key("type")
        Self.concept(
            "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient", &w)
        let isViewers = receipt.kind == .actual && receipt.viewer != nil
        if isViewers, let role = receipt.viewer?.role {
            w.key("role")
            w.array { w in
                w.object { w in
                    w.key("coding")
                    w.array { w in Self.coding("\(Self.own):role", role, receipt.viewer?.roleName, &w) }
                }
            }
        }
        w.key("who")
        w.object { w in
            if let viewer = receipt.viewer, isViewers {
                Self.identifier("\(Self.own):user", viewer.user, &w)
                w.member("display", Self.title(viewer))
            } else if isOwn {
                w.member("display", "the patient")
            } else {
                Self.identifier("\(Self.own):user", receipt.operatorUser ?? receipt.systemUser, &w)
            }
        }
        w.member("requestor", true)
        guard let purpose = receipt.purpose else { return }
        w.key("purposeOfUse")
        w.array { w in
            if let code = Self.reasons[purpose] {
                Self.concept("http://terminology.hl7.org/CodeSystem/v3-ActReason", code, purpose, &w)
            } else {
                w.object { w in w.member("text", purpose) }
            }
        }
    }

    private static let reasons = [
        "direct-care": "TREAT", "emergency": "ETREAT", "audit": "HSYSADMIN",
    ]

    private static func title(_ person: Receipt.Person) -> String {
        let name = person.name ?? person.user
        guard let organisation = person.organisationName ?? person.organisation else { return name }
        return "\(name), \(organisation)"
    }

    // MARK: Entities

    private func entities(_ event: Event, _ w: inout JSONWriter) {
        let receipt = event.access.receipt
        let query = event.isQuery ? event.query : nil
        let trace = receipt.call.flatMap { $0.trace.isEmpty ? nil : $0.trace }
        guard event.patient != nil || query != nil || trace != nil || event.hasData else { return }
        w.key("entity")
        w.array { w in
            if let patient = event.patient {
                Self.entity("1", "1", "Patient", &w) { w in Self.patient(patient, &w) }
            }
            for item in event.references {
                Self.entity("2", "4", "Domain Resource", &w) { w in w.member("reference", item) }
            }
            // Which it was is told under a case: by its place in the receipt it can be asked for there.
            for index in 0..<(event.references.isEmpty ? event.items : 0) {
                Self.entity("2", "4", "Domain Resource", &w) { w in
                    Self.identifier(
                        "\(Self.own):receipt-item", "\(event.access.position.value)/\(index + 1)", &w)
                }
            }
            if let query {
                w.object { w in
                    Self.kind("2", "24", "Query", &w)
                    w.member("query", Base64.encode(Array(query.utf8)))
                }
            }
            guard let trace else { return }
            w.object { w in
                w.key("what")
                w.object { w in Self.identifier("\(Self.own):trace", trace, &w) }
                w.key("type")
                Self.coding(
                    "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "XrequestId", nil, &w
                )
            }
        }
    }

    private static func patient(_ patient: Patient, _ w: inout JSONWriter) {
        switch patient {
        case .number(let number): identifier("https://fhir.nhs.uk/Id/nhs-number", number, &w)
        case .id(let id): w.member("reference", "Patient/\(id)")
        case .opaque: w.member("display", "a patient whose whereabouts are withheld")
        }
    }

    private static func entity(
        _ type: String, _ role: String, _ display: String, _ w: inout JSONWriter,
        what: (inout JSONWriter) -> Void
    ) {
        w.object { w in
            w.key("what")
            w.object { w in what(&w) }
            kind(type, role, display, &w)
        }
    }

    private static func kind(_ type: String, _ role: String, _ display: String, _ w: inout JSONWriter) {
        w.key("type")
        coding(
            "http://terminology.hl7.org/CodeSystem/audit-entity-type", type,
            type == "1" ? "Person" : "System Object", &w)
        w.key("role")
        coding("http://terminology.hl7.org/CodeSystem/object-role", role, display, &w)
    }

    // MARK: Parts

    private static func role(_ code: String, _ display: String, _ w: inout JSONWriter) {
        w.key("type")
        concept(dicom, code, display, &w)
    }

    private static func network(_ address: String, _ w: inout JSONWriter) {
        w.key("network")
        w.object { w in
            w.member("address", address)
            w.member("type", "5")
        }
    }

    private static func concept(
        _ system: String, _ code: String, _ display: String?, _ w: inout JSONWriter
    ) {
        w.object { w in
            w.key("coding")
            w.array { w in coding(system, code, display, &w) }
        }
    }

    private static func coding(_ system: String, _ code: String, _ display: String?, _ w: inout JSONWriter) {
        w.object { w in
            w.member("system", system)
            w.member("code", code)
            w.member("display", ifPresent: display)
        }
    }

    private static func identifier(_ system: String, _ value: String, _ w: inout JSONWriter) {
        w.key("identifier")
        w.object { w in
            w.member("system", system)
            w.member("value", value)
        }
    }
}

extension AuditEventWriter.Event {
    /// The patient themself asked.
    var isPatients: Bool { access.receipt.rule == Store.ownRecord }

    fileprivate var hasData: Bool { items > 0 || !references.isEmpty }

    /// One event of the trail was read, and not searched for.
    private var isOfOneEvent: Bool {
        access.receipt.question == .trail && access.receipt.call != nil
            && (access.detail?.query ?? access.receipt.query ?? "").hasPrefix(Self.oneEvent)
    }

    /// How such a receipt's question begins.
    static let oneEvent = "fhir AuditEvent/"

    /// The id of the event that was read, to whoever may know the question.
    var readEvent: String? {
        guard isOfOneEvent, access.receipt.permitted, let query else { return nil }
        return String(query.dropFirst(Self.oneEvent.count).prefix { $0 != "?" && $0 != " " })
    }

    fileprivate var isQuery: Bool { !isOfOneEvent && access.receipt.isQuery }

    /// FHIR's restful interaction (3.1.0); nil for what is none.
    fileprivate var interaction: String? { isOfOneEvent ? "read" : access.receipt.interaction }

    /// FHIR's AuditEventAction.
    fileprivate var action: String { isOfOneEvent ? "R" : access.receipt.action }

    fileprivate var profile: String? { isOfOneEvent ? "PatientRead" : access.receipt.profile }
}

extension Receipt {
    /// FHIR's restful interaction (3.1.0); nil for what is none.
    var interaction: String? {
        switch question {
        case .read: "read"
        case .history: "history-instance"
        case .search: "search-type"
        case .everything: "operation"
        case .trail where call != nil: "search-type"
        default: nil
        }
    }

    /// BALP's patterns know reads and queries; a command that shows a record is a read.
    var isQuery: Bool {
        switch question {
        case .search, .everything, .history, .trail, .findPatient, .identityReview, .feed: true
        default: false
        }
    }

    /// FHIR's AuditEventAction.
    fileprivate var action: String {
        switch question {
        case .write, .declaration: "C"
        case .signIn: "E"
        default: isQuery ? "E" : "R"
        }
    }

    fileprivate var profile: String? {
        guard call != nil else { return nil }
        switch question {
        case .read: return "PatientRead"
        case .search, .everything, .history, .trail: return "PatientQuery"
        default: return nil
        }
    }
}
