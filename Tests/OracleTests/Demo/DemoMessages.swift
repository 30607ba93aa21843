import CareRecord
import Intake
import Wire

/// The demo's messages in the oracle's words.
enum DemoMessages {
    /// A bundle, read with the oracle's own reader of JSON; nil where it names two patients.
    static func bundle(_ bytes: [UInt8], from source: String, file: String) throws -> MessageSpec? {
        let tree = try JSONTree(parsing: bytes)
        let stamp = tree["timestamp"]?.text.flatMap { Instant(rfc3339: $0) }
        var message = MessageSpec(
            source: source, file: file, identifier: tree["identifier"]?["value"]?.text, timestamp: stamp,
            patient: nil, assertion: nil, items: [], bytes: bytes)
        var named: Set<String> = []
        for entry in tree["entry"]?.elements ?? [] {
            guard let resource = entry["resource"] else {
                let parts = (entry["request"]?["url"]?.text ?? "/").split(separator: "/").map(String.init)
                message.items.append(
                    MessageSpec.Item(
                        operation: .delete, type: parts[0], localID: parts[1],
                        category: category(of: parts[0], source)))
                continue
            }
            let type = resource["resourceType"]?.text ?? ""
            let id = resource["id"]?.text ?? ""
            if type == "Patient" {
                named.insert(id)
                message.assertion = assertion(resource)
            } else if let subject = (resource["subject"] ?? resource["patient"])?["reference"]?.text {
                named.insert(String(subject.dropFirst("Patient/".count)))
            }
            var item = MessageSpec.Item(
                operation: isInError(resource) ? .enteredInError : .upsert, type: type, localID: id,
                category: category(of: type, source), resource: resource)
            item.updated = resource["meta"]?["lastUpdated"]?.text.flatMap { Instant(rfc3339: $0) }
            item.effective = effective(resource)
            item.codes = codes(resource)
            message.items.append(item)
        }
        guard named.count == 1, let patient = named.first else { return nil }
        message.patient = SubjectName(organisation: source, localID: patient)
        return message
    }

    private static func category(of type: String, _ source: String) -> String {
        switch type {
        case "Patient": "demographics"
        case "Condition": "diagnoses"
        case "MedicationStatement": "medications"
        case "AllergyIntolerance": "allergies"
        case "Immunization": "immunisations"
        case "Observation": "observations"
        case "Encounter": "encounters"
        case "DocumentReference": "documents"
        case "Consent": "care-preferences"
        case "CarePlan": source.first == "8" ? "social-care" : "care-preferences"
        default: "other"
        }
    }

    private static func isInError(_ resource: JSONTree) -> Bool {
        let status = resource["verificationStatus"]?["coding"]?.elements.first?["code"]?.text
        return status == "entered-in-error" || resource["status"]?.text == "entered-in-error"
    }

    /// When it was clinically true.
    private static func effective(_ resource: JSONTree) -> String? {
        for name in ["onsetDateTime", "effectiveDateTime", "occurrenceDateTime", "dateTime", "date"] {
            if let found = resource[name]?.text { return found }
        }
        return (resource["effectivePeriod"] ?? resource["period"])?["start"]?.text
    }

    /// Every coding in it.
    private static func codes(_ tree: JSONTree) -> [RegionSpec.CodeSet] {
        var found: [RegionSpec.CodeSet] = []
        if let system = tree["system"]?.text, let code = tree["code"]?.text {
            found.append(RegionSpec.CodeSet(name: "", system: system, codes: [code]))
        }
        for member in tree.members { found += codes(member.value) }
        for element in tree.elements { found += codes(element) }
        return found
    }

    private static func assertion(_ resource: JSONTree) -> MessageSpec.Assertion {
        var said = MessageSpec.Assertion()
        for identifier in resource["identifier"]?.elements ?? [] {
            guard let digits = identifier["value"]?.text else { continue }
            let verified = identifier["extension"]?.text() ?? ""
            said.numbers.append(.init(digits: digits, verified: verified.contains(#""code":"01""#)))
        }
        let name = resource["name"]?.elements.first
        said.family = name?["family"]?.text
        said.given = name?["given"]?.elements.first?.text
        said.birthDate = resource["birthDate"]?.text
        return said
    }

    /// An HL7 v2 message as its intake read it: what the items are of and say is taken as given; what becomes of them is not.
    static func given(_ draft: MessageDraft, file: String) throws -> MessageSpec? {
        guard let subject = draft.subjects.first, draft.meta.isAboutPatient else { return nil }
        let source = draft.meta.source
        var message = MessageSpec(
            source: source, file: file, identifier: draft.meta.messageID, timestamp: draft.meta.asserted,
            patient: SubjectName(organisation: source, localID: subject.subject.localID), assertion: nil,
            items: [], bytes: draft.raw)
        if let patient = draft.meta.patient {
            message.assertion = MessageSpec.Assertion(
                numbers: patient.numbers.map { .init(digits: $0.number.description, verified: $0.verified) },
                birthDate: patient.birthDate, family: patient.family, given: patient.given.first)
            message.asserted = patient.asserted
        }
        for item in subject.items {
            let meta = item.meta
            var out = MessageSpec.Item(
                operation: meta.operation == .upsert
                    ? .upsert : meta.operation == .delete ? .delete : .enteredInError,
                type: meta.type, localID: String(meta.daybookID.dropFirst(source.count + 1)),
                category: meta.category == .cited ? nil : meta.category.name)
            out.updated = meta.asserted
            out.effective = meta.effective
            out.codes = meta.codes.map { RegionSpec.CodeSet(name: "", system: $0.system, codes: [$0.code]) }
            out.references = meta.references.filter { !$0.hasPrefix("Patient/") }.map { asSent($0, source) }
            if meta.operation != .delete {
                let resource = try JSONTree(parsing: try item.bytes(of: draft.raw))
                out.resource = resource.mappingReferences { asSent($0, source) }
            }
            message.items.append(out)
        }
        return message
    }

    /// `Type/SRC.id` as `Type/id`.
    private static func asSent(_ reference: String, _ source: String) -> String {
        reference.replacing("/\(source).", with: "/", maxReplacements: 1)
    }
}
