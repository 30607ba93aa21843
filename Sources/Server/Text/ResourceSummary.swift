import Intake

/// One resource in a line or two: when, what, the value as sent, and its status.
///
/// The full resource is in the JSON answer; a summary leaves out, it never rewords a value.
public struct ResourceSummary: Equatable, Sendable {
    /// The clinically relevant date as sent; nil where the source gave none.
    public var when: String?
    public var what: String
    /// Value, range, dosage, reactions and the like.
    public var details: [String]
    /// Status labels: `final`, `CORRECTED`, `entered-in-error`.
    public var status: String?

    /// - Parameter category: the item's category; it tells which part of a Patient this is.
    public init(_ resource: JSONCursor, category: String) {
        let type = FHIRText.text(resource["resourceType"]) ?? "Resource"
        let dated = Self.date(resource)
        when = dated
        details = []
        status = Self.label(FHIRText.text(resource["status"]))
        switch type {
        case "Patient":
            (what, details) = Self.patient(resource, category: category)
            when = nil
        case "RelatedPerson": (what, details) = Self.relatedPerson(resource)
        case "Condition", "AllergyIntolerance":
            what = FHIRText.concept(resource["code"]) ?? Self.unnamed(type, resource)
            details = type == "Condition" ? Self.condition(resource) : Self.allergy(resource)
            status = FHIRText.joined(
                ["clinicalStatus", "verificationStatus"].compactMap {
                    Self.doubt(FHIRText.code(resource[$0]))
                }, ", ")
        case "Observation": (what, details) = Self.observation(resource)
        case "DiagnosticReport": (what, details) = Self.report(resource)
        case "MedicationStatement", "MedicationRequest", "MedicationAdministration", "MedicationDispense":
            (what, details) = Self.medication(resource, type: type)
        case "Encounter": (what, details) = Self.encounter(resource)
        case "Immunization":
            what = FHIRText.concept(resource["vaccineCode"]) ?? Self.unnamed(type, resource)
            details = FHIRText.text(resource["lotNumber"]).map { ["lot \($0)"] } ?? []
        case "DocumentReference": (what, details) = Self.document(resource)
        case "CarePlan", "QuestionnaireResponse", "Consent": (what, details) = Self.plan(resource, type: type)
        case "Organization", "Location", "Practitioner":
            what = Self.nameOf(resource) ?? Self.unnamed(type, resource)
        default: what = Self.anyName(resource).map { "\(type): \($0)" } ?? Self.unnamed(type, resource)
        }
    }

    /// `2018-02-05T12:30:00Z  Potassium  6.80 mmol/L · range 3.5–5.3 · final`.
    public var line: String {
        let head = [when, what].compactMap(\.self).joined(separator: "  ")
        return ([head] + details + [status].compactMap(\.self)).joined(separator: " · ")
    }

    /// The statuses that change what a reader may conclude are set in capitals.
    static func label(_ status: String?) -> String? {
        switch status {
        case "preliminary", "registered", "partial", "corrected", "amended", "appended", "cancelled",
            "stopped",
            "on-hold", "not-done", "superseded":
            status!.uppercased()
        default: status
        }
    }

    /// A diagnosis or an allergy that is not held to be so is set in capitals too.
    private static func doubt(_ status: String?) -> String? {
        switch status {
        case "refuted", "unconfirmed", "provisional", "differential", "presumed": status!.uppercased()
        default: status
        }
    }

    /// The first of the dates that the resource types carry, as sent.
    static func date(_ resource: JSONCursor) -> String? {
        for name in [
            "effectiveDateTime", "effectiveInstant", "occurrenceDateTime", "performedDateTime",
            "onsetDateTime",
            "start", "authoredOn", "date", "dateTime", "recordedDate", "issued", "authored", "sent",
            "created",
        ] {
            if let text = FHIRText.time(resource, name) { return text }
        }
        for name in ["effectivePeriod", "performedPeriod", "onsetPeriod", "period", "occurrencePeriod"] {
            if let text = FHIRText.period(resource[name]) { return text }
        }
        return nil
    }

    /// `Observation ZZG01.o-bp`, for a resource that does not say what it is about.
    static func unnamed(_ type: String, _ resource: JSONCursor) -> String {
        [type, FHIRText.text(resource["id"])].compactMap(\.self).joined(separator: " ")
    }

    static func anyName(_ resource: JSONCursor) -> String? {
        for name in ["code", "type", "category", "serviceType", "vaccineCode"] {
            guard let value = resource[name] else { continue }
            if let text = value.kind == .array ? FHIRText.concepts(value) : FHIRText.concept(value) {
                return text
            }
        }
        for name in ["title", "description", "name"] {
            if let text = FHIRText.text(resource[name]) { return text }
        }
        return nil
    }

    static func nameOf(_ resource: JSONCursor) -> String? {
        FHIRText.text(resource["name"]) ?? FHIRText.name(resource["name"])
    }
}
