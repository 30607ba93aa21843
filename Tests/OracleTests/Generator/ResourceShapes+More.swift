extension ResourceShapes {
    static func medication(_ id: String, _ patient: JSONTree, _ rng: inout SplitMix64) -> Made {
        let request = rng.chance(1, in: 2)
        let type = request ? "MedicationRequest" : "MedicationStatement"
        let code = rng.pick(["322236009", "61977001"])
        return Made(
            type: type, category: "medications",
            resource: base(
                type, id,
                [
                    "status": "active", "intent": request ? "order" : nil,
                    "medicationCodeableConcept": coding(snomed, code), "subject": patient,
                    "authoredOn": request ? "2018-02-01" : nil,
                    "effectiveDateTime": request ? nil : "2018-02-01",
                ]), effective: "2018-02-01", codes: [.init(name: "", system: snomed, codes: [code])])
    }

    /// What is a council's social care, and something else of anybody else.
    static func planned(
        _ id: String, _ patient: JSONTree, _ authority: Bool, _ rng: inout SplitMix64
    ) -> Made {
        let type = rng.pick(["CarePlan", "CareTeam", "ServiceRequest", "EpisodeOfCare"])
        let otherwise = type == "CarePlan" ? "care-preferences" : "other"
        let who = type == "EpisodeOfCare" ? "patient" : "subject"
        var resource = base(type, id, ["status": .string(type == "CareTeam" ? "active" : "active")])
        if type == "CarePlan" || type == "ServiceRequest" { resource["intent"] = "plan" }
        resource[who] = patient
        return Made(type: type, category: authority ? "social-care" : otherwise, resource: resource)
    }

    static func encounter(_ id: String, _ patient: JSONTree, _ rng: inout SplitMix64) -> Made {
        if rng.chance(1, in: 3) {
            let start = "2018-04-01T09:00:00+01:00"
            return Made(
                type: "Appointment", category: "appointments",
                resource: base(
                    "Appointment", id,
                    [
                        "status": "booked", "start": .string(start),
                        "participant": .array([.object(["actor": patient, "status": "accepted"])]),
                    ]), effective: start)
        }
        let place = "Location/\(rng.pick(ids("Location")))"
        let start = "2018-03-24T23:30:00Z"
        return Made(
            type: "Encounter", category: "encounters",
            resource: base(
                "Encounter", id,
                [
                    "status": "finished",
                    "class": .object([
                        "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB",
                    ]), "subject": patient,
                    "period": .object(["start": .string(start)]),
                    "location": .array([.object(["location": reference(place)])]),
                ]), effective: start,
            references: [place])
    }

    /// A resource that has no category of its own.
    static func cited(_ id: String, _ rng: inout SplitMix64) -> Made {
        let type = rng.pick(["Practitioner", "Location", "Organization"])
        return Made(
            type: type, category: nil,
            resource: base(type, id, ["name": type == "Practitioner" ? nil : "A place", "active": true]))
    }

    static func provenance(_ id: String, _ patient: JSONTree, _ rng: inout SplitMix64) -> Made {
        let types = ["Condition", "Observation", "MedicationStatement"]
        let targets = rng.subset(types, 1, in: 2).map { "\($0)/\(rng.pick(ids($0)))" }
        let agent = "Practitioner/\(rng.pick(ids("Practitioner")))"
        return Made(
            type: "Provenance", category: nil,
            resource: base(
                "Provenance", id,
                [
                    "target": .array(targets.isEmpty ? [reference("Flag/none")] : targets.map(reference)),
                    "recorded": "2018-03-01T10:00:00Z",
                    "agent": .array([.object(["who": reference(agent)])]),
                ]), effective: "2018-03-01T10:00:00Z",
            references: (targets.isEmpty ? ["Flag/none"] : targets) + [agent])
    }

    /// Types that need nothing but a patient.
    static func simple(_ id: String, _ patient: JSONTree, _ rng: inout SplitMix64) -> Made {
        let kinds = [
            ("AllergyIntolerance", "patient", "allergies"), ("Flag", "subject", "alerts"),
            ("Procedure", "subject", "procedures"), ("Immunization", "patient", "immunisations"),
            ("DocumentReference", "subject", "documents"), ("RelatedPerson", "patient", "next-of-kin"),
            ("Consent", "patient", "care-preferences"),
            ("QuestionnaireResponse", "subject", "care-preferences"),
            ("ImagingStudy", "subject", "imaging"), ("Goal", "subject", "other"),
        ]
        let (type, who, category) = rng.pick(kinds)
        let plain = ["RelatedPerson", "AllergyIntolerance"].contains(type)
        return Made(
            type: type, category: category,
            resource: base(
                type, id, ["status": plain ? nil : .string(rng.pick(["active", "completed"]))]
            )
            .adding(who, patient))
    }
}

extension JSONTree {
    func adding(_ name: String, _ value: JSONTree?) -> JSONTree {
        var copy = self
        copy[name] = value
        return copy
    }
}
