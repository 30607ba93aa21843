import Intake

extension ResourceSummary {
    /// The value first, then the range and the flag as sent. A cancelled result shows no value.
    static func observation(_ resource: JSONCursor) -> (String, [String]) {
        let what = FHIRText.concept(resource["code"]) ?? unnamed("Observation", resource)
        if resource["status"]?.string == "cancelled" { return (what, []) }
        var details = values(of: resource)
        let unit = FHIRText.unit(resource["valueQuantity"])
        let ranges = (resource["referenceRange"]?.elements ?? []).compactMap {
            FHIRText.range($0, unit: unit)
        }
        if let range = FHIRText.joined(ranges, ", ") { details.append("range \(range)") }
        if let flag = FHIRText.flags(resource["interpretation"]) { details.append(flag) }
        details += (resource["note"]?.elements ?? []).compactMap { FHIRText.text($0["text"]) }
        return (what, details)
    }

    /// A result's own value, then its components'.
    private static func values(of resource: JSONCursor) -> [String] {
        var out: [String] = []
        if let value = FHIRText.value(of: resource) { out.append(value) }
        for component in resource["component"]?.elements ?? [] {
            let name = FHIRText.concept(component["code"]) ?? "component"
            var value = FHIRText.value(of: component) ?? "no value"
            if let flag = FHIRText.flags(component["interpretation"]) { value += " \(flag)" }
            out.append("\(name) \(value)")
        }
        return out
    }

    /// What a corrected result said before, in a few words; nil where it had no value of a kind that text can show.
    static func previously(_ resource: JSONCursor?) -> String? {
        guard let resource else { return nil }
        var parts = values(of: resource)
        if let conclusion = FHIRText.text(resource["conclusion"]) { parts.append("“\(conclusion)”") }
        if let flag = FHIRText.flags(resource["interpretation"]) { parts.append(flag) }
        parts += (resource["presentedForm"]?.elements ?? []).compactMap(attachment)
        return FHIRText.joined(parts, ", ")
    }

    static func report(_ resource: JSONCursor) -> (String, [String]) {
        let what = FHIRText.concept(resource["code"]) ?? unnamed("DiagnosticReport", resource)
        if resource["status"]?.string == "cancelled" { return ("Report: \(what)", []) }
        var details: [String] = []
        if let conclusion = FHIRText.text(resource["conclusion"]) { details.append(conclusion) }
        let results = resource["result"]?.elements.count ?? 0
        if results > 0 { details.append(results == 1 ? "1 result" : "\(results) results") }
        details += (resource["presentedForm"]?.elements ?? []).compactMap(attachment)
        return ("Report: \(what)", details)
    }

    static func condition(_ resource: JSONCursor) -> [String] {
        var details: [String] = []
        if let severity = FHIRText.concept(resource["severity"]) { details.append(severity) }
        if let site = FHIRText.concepts(resource["bodySite"]) { details.append(site) }
        if let end = FHIRText.text(resource["abatementDateTime"]) { details.append("until \(end)") }
        return details
    }

    static func allergy(_ resource: JSONCursor) -> [String] {
        var details: [String] = []
        if let criticality = FHIRText.text(resource["criticality"]) {
            details.append("criticality \(criticality)")
        }
        for reaction in resource["reaction"]?.elements ?? [] {
            let parts = [FHIRText.concepts(reaction["manifestation"]), FHIRText.text(reaction["severity"])]
            if let text = FHIRText.joined(parts.compactMap(\.self), ", ") { details.append(text) }
        }
        return details
    }

    static func medication(_ resource: JSONCursor, type: String) -> (String, [String]) {
        let what =
            FHIRText.concept(resource["medicationCodeableConcept"])
            ?? FHIRText.reference(resource["medicationReference"]) ?? unnamed(type, resource)
        let list = resource["dosage"] ?? resource["dosageInstruction"]
        let dosage = list.map { $0.kind == .array ? $0.elements : [$0] } ?? []
        return (what, dosage.compactMap { FHIRText.text($0["text"]) })
    }

    static func encounter(_ resource: JSONCursor) -> (String, [String]) {
        let kind = FHIRText.text(resource["class"]?["display"]) ?? FHIRText.text(resource["class"]?["code"])
        let what = FHIRText.concepts(resource["type"]) ?? kind ?? unnamed("Encounter", resource)
        var details: [String] = []
        if let kind, kind != what { details.append(kind) }
        if let reason = FHIRText.concepts(resource["reasonCode"]) { details.append("for \(reason)") }
        return (what, details)
    }

    static func document(_ resource: JSONCursor) -> (String, [String]) {
        let what =
            FHIRText.text(resource["description"]) ?? FHIRText.concept(resource["type"])
            ?? unnamed("DocumentReference", resource)
        return (what, (resource["content"]?.elements ?? []).compactMap { attachment($0["attachment"]) })
    }

    static func plan(_ resource: JSONCursor, type: String) -> (String, [String]) {
        let what =
            FHIRText.text(resource["title"]) ?? FHIRText.concepts(resource["category"]).map {
                "\(type): \($0)"
            }
            ?? unnamed(type, resource)
        return (what, [FHIRText.text(resource["description"])].compactMap(\.self))
    }

    static func attachment(_ value: JSONCursor?) -> String? {
        guard let value else { return nil }
        let parts = [FHIRText.text(value["title"]), FHIRText.text(value["contentType"])]
        return FHIRText.joined(parts.compactMap(\.self), ", ").map { "attached: \($0)" }
    }

    /// The part of a Patient that the category is about.
    static func patient(_ resource: JSONCursor, category: String) -> (String, [String]) {
        switch category {
        case "gp-practice":
            let practices = (resource["generalPractitioner"]?.elements ?? []).compactMap(FHIRText.reference)
            return (
                "Registered with \(practices.isEmpty ? "a practice" : practices.joined(separator: ", "))", []
            )
        case "next-of-kin":
            let contacts = (resource["contact"]?.elements ?? []).map { contact in
                let parts = [
                    FHIRText.name(contact["name"]), FHIRText.concepts(contact["relationship"]),
                    FHIRText.contacts(contact["telecom"]),
                ]
                return FHIRText.joined(parts.compactMap(\.self), ", ") ?? "A contact without a name"
            }
            return (contacts.first ?? "A contact", Array(contacts.dropFirst()))
        default: return (FHIRText.name(resource["name"]) ?? unnamed("Patient", resource), person(resource))
        }
    }

    static func relatedPerson(_ resource: JSONCursor) -> (String, [String]) {
        let what = FHIRText.name(resource["name"]) ?? unnamed("RelatedPerson", resource)
        let parts = [FHIRText.concepts(resource["relationship"]), FHIRText.contacts(resource["telecom"])]
        return (what, parts.compactMap(\.self))
    }

    private static func person(_ resource: JSONCursor) -> [String] {
        var details: [String] = []
        if let gender = FHIRText.text(resource["gender"]) { details.append(gender) }
        if let birth = FHIRText.text(resource["birthDate"]) { details.append("born \(birth)") }
        if let died = FHIRText.text(resource["deceasedDateTime"]) {
            details.append("died \(died)")
        } else if resource["deceasedBoolean"]?.bool == true {
            details.append("died, date not sent")
        }
        if let address = (resource["address"]?.elements ?? []).first.flatMap(FHIRText.address) {
            details.append(address)
        }
        if let contacts = FHIRText.contacts(resource["telecom"]) { details.append(contacts) }
        return details
    }
}
