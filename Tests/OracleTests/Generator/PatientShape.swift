import Wire

/// The Patient resource that says an assertion.
enum PatientShape {
    static let numberSystem = "https://fhir.nhs.uk/Id/nhs-number"
    static let verificationURL =
        "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    static let verificationSystems = [
        "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus",
        "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland",
    ]

    static func resource(
        id: String, _ assertion: MessageSpec.Assertion, practice: Bool, contact: Bool, rng: inout SplitMix64
    ) -> JSONTree {
        var identifiers = assertion.numbers.map { number(of: $0, rng: &rng) }
        if let other = assertion.otherRecordNumber {
            let type = ResourceShapes.coding("http://terminology.hl7.org/CodeSystem/v2-0203", "MR")
            identifiers.append(
                .object(["type": type, "system": "https://example.org/mrn", "value": .string(other)]))
        }
        var name = JSONTree.object([
            "use": "official", "family": assertion.family.map { .string($0) },
            "given": assertion.given.map { .array([.string($0), "Middle"]) },
        ])
        if assertion.family == nil, assertion.given == nil { name = .object(["text": "Unknown"]) }
        let old = JSONTree.object(["use": "old", "family": "Before", "given": ["Earlier"]])
        let names: [JSONTree] = rng.chance(1, in: 4) ? [old, name] : [name]
        var members: [JSONTree.Member] = [
            .init(name: "resourceType", value: "Patient"), .init(name: "id", value: .string(id)),
        ]
        func add(_ name: String, _ value: JSONTree?) {
            if let value { members.append(.init(name: name, value: value)) }
        }
        // The parts with categories of their own stand first, in the middle or last: cutting them out must
        // leave valid JSON wherever they are.
        let late = rng.chance(1, in: 2)
        let gp: JSONTree? =
            practice
            ? .array([.object(["reference": "Organization/or1", "display": "A practice, \"quoted\""])]) : nil
        let kin: JSONTree? =
            contact ? .array([.object(["name": .object(["family": "Kin"]), "gender": "unknown"])]) : nil
        if !late { add("contact", kin) }
        add("identifier", identifiers.isEmpty ? nil : .array(identifiers))
        add("name", .array(names))
        if rng.chance(1, in: 2) { add("generalPractitioner", gp) } else if !late { add("x-none", .null) }
        add("birthDate", assertion.birthDate.map { .string($0) })
        addPlace(id, assertion, &members)
        if !members.contains(where: { $0.name == "generalPractitioner" }) { add("generalPractitioner", gp) }
        if late { add("contact", kin) }
        return .object(members)
    }

    /// Gender and addresses, that follow from the rest.
    private static func addPlace(
        _ id: String, _ assertion: MessageSpec.Assertion, _ members: inout [JSONTree.Member]
    ) {
        if id != "3.x" {
            let isEven = (assertion.family ?? "").count.isMultiple(of: 2)
            members.append(.init(name: "gender", value: isEven ? "female" : "male"))
        }
        let old = JSONTree.object(["use": "old", "postalCode": "ZZ1 1ZZ"])
        let work = JSONTree.object(["use": "work", "postalCode": "DT1 1XJ"])
        let home = JSONTree.object([
            "use": "home", "postalCode": assertion.birthDate == "1950-01-02" ? "bh15 2aa" : "DT1 1XJ",
        ])
        switch id {
        case "H1": members.append(.init(name: "address", value: .array([old, work, home])))
        case "h-2": members.append(.init(name: "address", value: .array([old, home])))
        default: break
        }
    }

    private static func number(
        of stated: MessageSpec.Assertion.Number, rng: inout SplitMix64
    ) -> JSONTree {
        let d = stated.digits
        let spaced = "\(d.prefix(3)) \(d.dropFirst(3).prefix(3)) \(d.suffix(4))"
        let code = stated.verified ? "01" : rng.pick(["02", "03", nil])
        let verification = code.map { code in
            JSONTree.array([
                .object([
                    "url": .string(verificationURL),
                    "valueCodeableConcept": ResourceShapes.coding(rng.pick(verificationSystems), code),
                ])
            ])
        }
        return .object([
            "extension": verification, "system": .string(numberSystem),
            "value": .string(rng.chance(1, in: 4) ? spaced : d),
        ])
    }
}
