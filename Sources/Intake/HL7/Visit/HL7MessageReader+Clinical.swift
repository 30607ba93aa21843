import CareRecord
import HL7

/// What an ADT message tells beside the visit: AL1, ZAL, DG1, PR1.
extension HL7MessageReader {
    /// AL1: known by the patient and the allergen.
    mutating func addAllergies() throws(HL7Fault) {
        for al1 in message.segments where al1.isNamed("AL1") {
            guard let key = HL7Concept.key(al1.field(3)) else { continue }
            let id = unused("al-\(subject.localID)-\(key)", "AllergyIntolerance")
            var allergy = resource("AllergyIntolerance", id)
            allergy.set("clinicalStatus", .concept(Self.terminology("allergyintolerance-clinical"), "active"))
            let category = al1.field(2).component(1).words.flatMap { HL7Codes.allergyCategory($0) }
            allergy.set("category", texts: [category].compactMap(\.self))
            let severity = al1.field(4).component(1).words?.uppercased() ?? ""
            allergy.set("criticality", HL7Codes.criticality(severity))
            allergy.set("code", HL7Concept.concept(al1.field(3)))
            allergy.set("patient", patientReference)
            let identified = moment(al1.field(6))
            allergy.set("onsetDateTime", identified)
            let manifestations = al1.field(5).repetitions.compactMap(\.words).map { words in
                var concept = FHIRObject()
                concept.set("text", words)
                return concept
            }
            if !manifestations.isEmpty {
                var reaction = FHIRObject()
                reaction.set("manifestation", manifestations)
                reaction.set("severity", ["SV": "severe", "MO": "moderate", "MI": "mild"][severity])
                allergy.set("reaction", [reaction])
            }
            try add(allergy, id: id, category: .allergies, effective: identified)
        }
    }

    /// ZAL, as UK feeds send alerts: the coded alert is in ZAL-3, or where that is empty in ZAL-2.
    mutating func addAlerts() throws(HL7Fault) {
        for zal in message.segments where zal.isNamed("ZAL") {
            let value = zal.field(3).isValued ? zal.field(3) : zal.field(2)
            guard let key = HL7Concept.key(value), let code = HL7Concept.concept(value) else { continue }
            let id = unused("za-\(subject.localID)-\(key)", "Flag")
            var flag = resource("Flag", id)
            flag.setStatus("active")
            flag.set("code", code)
            flag.set("subject", patientReference)
            try add(flag, id: id, category: .alerts)
        }
    }

    /// DG1: known by DG1-20, or by the visit and the code.
    mutating func addDiagnoses(_ visit: String?) throws(HL7Fault) {
        for dg1 in message.segments where dg1.isNamed("DG1") {
            guard let concept = Self.concept(dg1.field(3), described: dg1.field(4)) else { continue }
            let name =
                dg1.field(20).component(1).words
                ?? "\(visit ?? subject.localID)-\(HL7Concept.key(dg1.field(3)) ?? dg1.field(4).words ?? "")"
            let id = unused("dg-\(name)", "Condition")
            let isDeleted = dg1.field(21).words?.uppercased() == "D"
            var condition = resource("Condition", id)
            condition.set("identifier", [HL7People.entity(dg1.field(20))].compactMap(\.self))
            if isDeleted {
                condition.set(
                    "verificationStatus",
                    .concept(Self.terminology("condition-ver-status"), "entered-in-error"))
            } else {
                condition.set("clinicalStatus", .concept(Self.terminology("condition-clinical"), "active"))
            }
            condition.set(
                "category", [.concept(Self.terminology("condition-category"), "encounter-diagnosis")])
            condition.set("code", concept)
            condition.set("subject", patientReference)
            condition.set("encounter", visit.map { .reference($0) })
            let onset = moment(dg1.field(5))
            condition.set("onsetDateTime", onset)
            condition.set("recordedDate", moment(dg1.field(19)))
            condition.set("asserter", dg1.field(16).repetitions.first.flatMap { HL7People.person($0) })
            try add(
                condition, id: id, category: .diagnoses, effective: onset,
                operation: isDeleted ? .enteredInError : .upsert)
        }
    }

    /// A code, with the words of the field after it where it has none itself.
    private static func concept(_ code: HL7Value, described: HL7Value) -> FHIRObject? {
        var out = HL7Concept.concept(code) ?? FHIRObject()
        if out.text == nil { out.setText(described.words) }
        return out.isEmpty ? nil : out
    }

    /// PR1: known by PR1-19, or by the visit, the code and the time.
    mutating func addProcedures(_ visit: String?) throws(HL7Fault) {
        for pr1 in message.segments where pr1.isNamed("PR1") {
            guard let key = HL7Concept.key(pr1.field(3)) ?? pr1.field(4).words else { continue }
            let performed = moment(pr1.field(5))
            let name =
                pr1.field(19).component(1).words
                ?? "\(visit ?? subject.localID)-\(key)-\(performed?.text ?? "")"
            let id = unused("pr-\(name)", "Procedure")
            let isDeleted = pr1.field(20).words?.uppercased() == "D"
            var procedure = resource("Procedure", id)
            procedure.set("identifier", [HL7People.entity(pr1.field(19))].compactMap(\.self))
            procedure.setStatus(isDeleted ? "entered-in-error" : "completed")
            procedure.set("code", Self.concept(pr1.field(3), described: pr1.field(4)))
            procedure.set("subject", patientReference)
            procedure.set("encounter", visit.map { .reference($0) })
            procedure.set("performedDateTime", performed)
            let performers = [8, 11, 12].flatMap { pr1.field($0).repetitions }.compactMap {
                HL7People.person($0)
            }
            procedure.set(
                "performer",
                performers.map { person in
                    var out = FHIRObject()
                    out.set("actor", person)
                    return out
                })
            try add(
                procedure, id: id, category: .procedures, effective: performed,
                operation: isDeleted ? .enteredInError : .upsert)
        }
    }

    static func terminology(_ name: String) -> String { "http://terminology.hl7.org/CodeSystem/\(name)" }
}
