/// Search parameters of each type, FHIR R4's, and where in a resource they look. A type that is not here is searched by what all have:
/// `patient`, `_id`, `_lastUpdated`, `identifier`.
public enum SearchParameters {
    public enum Kind: String, Hashable, Sendable { case token, date, reference }

    public struct Parameter: Hashable, Sendable {
        public var name: String
        public var kind: Kind
        /// Members to look at, each a path.
        public var paths: [[String]]

        init(_ name: String, _ kind: Kind, _ paths: String...) {
            (self.name, self.kind) = (name, kind)
            self.paths = paths.map { $0.split(separator: ".").map(String.init) }
        }
    }

    /// Those of the type, ascending by name.
    public static func of(_ type: String) -> [Parameter] {
        (common + (byType[type] ?? [])).sorted { $0.name < $1.name }
    }

    public static func named(_ name: String, of type: String) -> Parameter? {
        (byType[type] ?? []).first { $0.name == name } ?? common.first { $0.name == name }
    }

    /// Types that may be searched, ascending.
    public static var types: [String] { byType.keys.sorted() }

    private static let common = [Parameter("identifier", .token, "identifier")]

    private static let status = Parameter("status", .token, "status")
    private static let code = Parameter("code", .token, "code")
    private static let category = Parameter("category", .token, "category")
    private static let encounter = Parameter("encounter", .reference, "encounter")
    private static let clinicalStatus = Parameter("clinical-status", .token, "clinicalStatus")
    private static let verificationStatus = Parameter("verification-status", .token, "verificationStatus")
    private static func subject(_ member: String = "subject") -> Parameter {
        Parameter("patient", .reference, member)
    }

    private static let byType: [String: [Parameter]] = [
        "Observation": [
            code, category, status, encounter, subject(),
            Parameter("date", .date, "effectiveDateTime", "effectivePeriod", "effectiveInstant"),
            Parameter("performer", .reference, "performer"), Parameter("specimen", .reference, "specimen"),
            Parameter("has-member", .reference, "hasMember"),
            Parameter("derived-from", .reference, "derivedFrom"),
        ],
        "DiagnosticReport": [
            code, category, status, encounter, subject(),
            Parameter("date", .date, "effectiveDateTime", "effectivePeriod"),
            Parameter("issued", .date, "issued"), Parameter("result", .reference, "result"),
            Parameter("specimen", .reference, "specimen"), Parameter("performer", .reference, "performer"),
        ],
        "Specimen": [
            status, subject(), Parameter("type", .token, "type"),
            Parameter("collected", .date, "collection.collectedDateTime", "collection.collectedPeriod"),
        ],
        "Condition": [
            code, category, encounter, subject(), clinicalStatus, verificationStatus,
            Parameter("onset-date", .date, "onsetDateTime", "onsetPeriod"),
            Parameter("recorded-date", .date, "recordedDate"), Parameter("asserter", .reference, "asserter"),
        ],
        "MedicationStatement": [
            Parameter("code", .token, "medicationCodeableConcept"), category, status, subject(),
            Parameter("effective", .date, "effectiveDateTime", "effectivePeriod"),
        ],
        "MedicationRequest": [
            Parameter("code", .token, "medicationCodeableConcept"), category, status, encounter, subject(),
            Parameter("intent", .token, "intent"), Parameter("authoredon", .date, "authoredOn"),
            Parameter("requester", .reference, "requester"),
        ],
        "AllergyIntolerance": [
            code, category, subject("patient"), clinicalStatus, verificationStatus,
            Parameter("criticality", .token, "criticality"), Parameter("date", .date, "recordedDate"),
            Parameter("asserter", .reference, "asserter"),
        ],
        "Flag": [
            subject(), encounter, Parameter("date", .date, "period"),
            Parameter("author", .reference, "author"),
        ],
        "ImagingStudy": [status, subject(), encounter, Parameter("started", .date, "started")],
        "Encounter": [
            status, subject(), Parameter("class", .token, "class"), Parameter("type", .token, "type"),
            Parameter("date", .date, "period"),
            Parameter("service-provider", .reference, "serviceProvider"),
            Parameter("participant", .reference, "participant.individual"),
            Parameter("location", .reference, "location.location"),
            Parameter("diagnosis", .reference, "diagnosis.condition"),
        ],
        "Appointment": [
            status, Parameter("patient", .reference, "participant.actor"), Parameter("date", .date, "start"),
            Parameter("actor", .reference, "participant.actor"),
            Parameter("appointment-type", .token, "appointmentType"),
        ],
        "DocumentReference": [
            category, status, subject(), Parameter("type", .token, "type"), Parameter("date", .date, "date"),
            Parameter("author", .reference, "author"), Parameter("custodian", .reference, "custodian"),
            Parameter("encounter", .reference, "context.encounter"),
        ],
        "Procedure": [
            code, category, status, encounter, subject(),
            Parameter("date", .date, "performedDateTime", "performedPeriod"),
            Parameter("performer", .reference, "performer.actor"),
            Parameter("location", .reference, "location"),
        ],
        "Immunization": [
            status, subject("patient"), Parameter("vaccine-code", .token, "vaccineCode"),
            Parameter("date", .date, "occurrenceDateTime"),
            Parameter("performer", .reference, "performer.actor"),
            Parameter("location", .reference, "location"),
        ],
        "RelatedPerson": [subject("patient"), Parameter("relationship", .token, "relationship")],
        "CarePlan": [category, status, encounter, subject(), Parameter("date", .date, "period")],
        "CareTeam": [
            category, status, encounter, subject(), Parameter("date", .date, "period"),
            Parameter("participant", .reference, "participant.member"),
        ],
        "ServiceRequest": [
            code, category, status, encounter, subject(), Parameter("authored", .date, "authoredOn"),
            Parameter("requester", .reference, "requester"),
        ],
        "EpisodeOfCare": [
            status, subject("patient"), Parameter("type", .token, "type"), Parameter("date", .date, "period"),
        ],
        "QuestionnaireResponse": [status, encounter, subject(), Parameter("authored", .date, "authored")],
        "Consent": [category, status, subject("patient"), Parameter("date", .date, "dateTime")],
        "Provenance": [
            Parameter("target", .reference, "target"), Parameter("recorded", .date, "recorded"),
            Parameter("agent", .reference, "agent.who"), Parameter("patient", .reference, "target"),
        ],
        "Practitioner": [], "PractitionerRole": [], "Organization": [], "Location": [],
    ]
}
