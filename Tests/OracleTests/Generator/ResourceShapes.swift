/// The shapes of resource that the histories are made of, each with its category by DOMAIN's table.
enum ResourceShapes {
    struct Made {
        var type: String
        /// nil where it takes the category of what cites it.
        var category: String?
        var resource: JSONTree
        var effective: String?
        var codes: [RegionSpec.CodeSet] = []
        var references: [String] = []
    }

    static let snomed = "http://snomed.info/sct"
    /// The second and third stand in exclusion sets, the last two carry labels, where a region has such.
    static let conditionCodes = ["44054006", "76272004", "86406008", "35489007", "74732009"]
    static let dates = ["2018-02-03", "2018-03-25T01:30:00+00:00", "2017-11", "2018-03-25T02:10:00+01:00"]

    static func coding(_ system: String, _ code: String) -> JSONTree {
        .object(["coding": .array([.object(["system": .string(system), "code": .string(code)])])])
    }

    static func reference(_ to: String) -> JSONTree { .object(["reference": .string(to)]) }

    /// A resource of a random type; `authority` says whether the source is a council.
    static func make(
        id: String, patient: JSONTree, authority: Bool, rng: inout SplitMix64
    ) -> Made {
        switch rng.below(26) {
        case 0...3: return condition(id, patient, &rng)
        case 4...7: return observation(id, patient, &rng)
        case 8: return report(id, patient, &rng)
        case 9, 10: return medication(id, patient, &rng)
        case 11...13: return planned(id, patient, authority, &rng)
        case 14, 15: return encounter(id, patient, &rng)
        case 16: return cited(id, &rng)
        case 17, 18: return provenance(id, patient, &rng)
        default: return simple(id, patient, &rng)
        }
    }

    static func base(_ type: String, _ id: String, _ rest: KeyValuePairs<String, JSONTree?>) -> JSONTree {
        var members: [JSONTree.Member] = [
            .init(name: "resourceType", value: .string(type)), .init(name: "id", value: .string(id)),
        ]
        for (name, value) in rest { if let value { members.append(.init(name: name, value: value)) } }
        return .object(members)
    }

    private static func condition(_ id: String, _ patient: JSONTree, _ rng: inout SplitMix64) -> Made {
        let code = rng.pick(conditionCodes)
        let onset = rng.maybePick([nil] + dates.map(Optional.some)) ?? nil
        let recorder = rng.chance(1, in: 3) ? "Practitioner/p\(1 + rng.below(2))" : nil
        return Made(
            type: "Condition", category: "diagnoses",
            resource: base(
                "Condition", id,
                [
                    "code": coding(snomed, code), "subject": patient,
                    "onsetDateTime": onset.map { .string($0) },
                    "recorder": recorder.map(reference), "note": note(&rng),
                ]), effective: onset, codes: [.init(name: "", system: snomed, codes: [code])],
            references: [recorder].compactMap { $0 })
    }

    /// Something that must come back as it was sent: numbers as text, escapes, members nobody knows.
    private static func note(_ rng: inout SplitMix64) -> JSONTree? {
        guard rng.chance(1, in: 2) else { return nil }
        let text = rng.pick(["caf\u{E9} \u{1F600}", "a \"quoted\" \\ back/slash", "tab\there\nline", ""])
        let number = rng.pick(["1.10", "-0.0", "1e3", "12345678901234567890.123456789", "0"])
        return .array([
            .object(["text": .string(text), "x-unknown": .number(number), "empty": .array([]), "none": .null])
        ])
    }

    private static let statuses = [
        "final", "preliminary", "corrected", "corrected", "amended", "appended", "cancelled",
    ]

    private static func observation(_ id: String, _ patient: JSONTree, _ rng: inout SplitMix64) -> Made {
        let kind = rng.pick([nil, "laboratory", "vital-signs", "imaging", "social-history", "laboratory"])
        var contained: JSONTree?
        var specimen: String?
        var category = kind == "imaging" ? "imaging" : "observations"
        if kind == "laboratory" { category = "blood-tests" }
        if kind == nil || kind == "laboratory", rng.chance(2, in: 3) {
            let blood = rng.chance(1, in: 2)
            contained = .array([
                .object(["resourceType": "Specimen", "id": "sp", "type": specimenType(blood: blood)])
            ])
            specimen = "#sp"
            category = blood ? "blood-tests" : "pathology"
        }
        let when = rng.pick(dates)
        let system = "http://terminology.hl7.org/CodeSystem/observation-category"
        return Made(
            type: "Observation", category: category,
            resource: base(
                "Observation", id,
                [
                    "contained": contained,
                    "status": .string(rng.pick(statuses)),
                    "category": kind.map { .array([coding(system, $0)]) },
                    "code": coding("http://loinc.org", "718-7"),
                    "subject": patient, "effectiveDateTime": .string(when),
                    "specimen": specimen.map(reference),
                    "valueQuantity": .object([
                        "value": .number(rng.pick(["7.20", "140", "0.10"])), "unit": "g/L",
                    ]),
                    "interpretation": rng.chance(1, in: 3) ? .array([coding(snomed, "281302008")]) : nil,
                    "text": rng.chance(1, in: 6)
                        ? .object(["status": "generated", "div": "<div>140 g/L</div>"]) : nil,
                ]), effective: when, codes: [.init(name: "", system: "http://loinc.org", codes: ["718-7"])])
    }

    static func specimenType(blood: Bool) -> JSONTree {
        .object([
            "coding": .array([
                .object([
                    "system": .string(snomed), "code": .string(blood ? "119297000" : "122575003"),
                    "display": .string(blood ? "Blood specimen" : "Urine specimen"),
                ])
            ]), "text": .string(blood ? "Blood" : "Urine"),
        ])
    }

    private static func report(_ id: String, _ patient: JSONTree, _ rng: inout SplitMix64) -> Made {
        let section = rng.pick(["RAD", "LAB"])
        let result = "Observation/\(rng.pick(ids("Observation")))"
        return Made(
            type: "DiagnosticReport", category: section == "RAD" ? "imaging" : "blood-tests",
            resource: base(
                "DiagnosticReport", id,
                [
                    "status": .string(rng.pick(statuses)),
                    "conclusion": rng.chance(1, in: 2) ? .string(rng.pick(["Normal", "Not normal"])) : nil,
                    "category": .array([coding("http://terminology.hl7.org/CodeSystem/v2-0074", section)]),
                    "code": coding("http://loinc.org", "11502-2"), "subject": patient,
                    "effectiveDateTime": .string(dates[0]), "result": .array([reference(result)]),
                ]), effective: dates[0],
            codes: [.init(name: "", system: "http://loinc.org", codes: ["11502-2"])],
            references: [result])
    }

    /// The ids in use for a type: few, so that updates and corrections meet.
    static func ids(_ type: String) -> [String] {
        let prefix = String(type.prefix(2)).lowercased()
        return ["\(prefix)1", "\(prefix)2"]
    }

    /// A source's ids are its own, whoever the patient: each patient has theirs.
    static func id(_ id: String, of subject: SubjectName) -> String {
        "\(id)-\(subject.localID.filter(\.isLetter))\(subject.localID.count)"
    }

    /// Every reference to something other than the patient, to that patient's own.
    static func own(_ reference: String, of subject: SubjectName) -> String {
        if reference.hasPrefix("Patient/") || reference.hasPrefix("#") || reference.hasPrefix("urn:") {
            return reference
        }
        let parts = reference.split(separator: "/").map(String.init)
        return "\(parts[0])/\(id(parts[1], of: subject))"
    }
}
