/// A resource as it must be shown where something must be taken out of it (decision 2, section G), told over again.
extension JSONTree {
    /// What ids of a shielded patient's items read as: any keyed hash will do.
    static let anyID = "?"

    func redacted(narrative: Bool, location: Bool) -> JSONTree {
        guard narrative || location else { return self }
        return pruned(location: location, under: "") ?? .object([JSONTree.Member]())
    }

    /// nil where nothing is left of what had something.
    private func pruned(location: Bool, under name: String) -> JSONTree? {
        switch self {
        case .array(let elements):
            let left = elements.compactMap { element -> JSONTree? in
                let type = element["resourceType"]?.text ?? ""
                let isPlace = ["Organization", "Location", "PractitionerRole", "RelatedPerson"].contains(type)
                if location, name == "contained", isPlace { return nil }
                return element.pruned(location: location, under: name)
            }
            return left.isEmpty && !elements.isEmpty ? nil : .array(left)
        case .object(let members):
            let left = members.compactMap { member -> Member? in
                if location, hidesPlace(member) { return nil }
                if member.name == "text", member.value["div"] != nil { return nil }
                if location, let text = replaced(member) {
                    return Member(name: member.name, value: .string(text))
                }
                return member.value.pruned(location: location, under: member.name).map {
                    Member(name: member.name, value: $0)
                }
            }
            return left.isEmpty && !members.isEmpty ? nil : .object(left)
        default: return self
        }
    }

    private static let places: Set<String> = [
        "address", "telecom", "contact", "generalPractitioner", "managingOrganization", "organization",
        "serviceProvider", "custodian", "location", "hospitalization", "sourcePatientInfo", "identifier",
        "meta",
        "valueAddress", "valueContactPoint", "valueIdentifier",
    ]

    private func hidesPlace(_ member: Member) -> Bool {
        if Self.places.contains(member.name) { return true }
        if self["contentType"] != nil, ["data", "url", "title"].contains(member.name) { return true }
        if member.name == "display", self["code"] == nil { return true }
        return member.name == "reference" && member.value.text?.contains(":") ?? false
    }

    private func replaced(_ member: Member) -> String? {
        guard let text = member.value.text else { return nil }
        if member.name == "id", self["resourceType"] != nil { return Self.anyID }
        guard member.name == "reference", !text.hasPrefix("#") else { return nil }
        return "\(text.split(separator: "/")[0])/\(Self.anyID)"
    }

    /// An answered resource with whatever hash stands for an id read as `anyID`.
    func withAnyID() -> JSONTree {
        switch self {
        case .array(let elements): return .array(elements.map { $0.withAnyID() })
        case .object(let members):
            return .object(
                members.map { member in
                    guard member.name == "id" || member.name == "reference", let text = member.value.text,
                        !text.hasPrefix("#")
                    else { return Member(name: member.name, value: member.value.withAnyID()) }
                    return Member(name: member.name, value: .string(Self.withAnyID(text)))
                })
        default: return self
        }
    }

    static func withAnyID(_ reference: String) -> String {
        let parts = reference.split(separator: "/", maxSplits: 1)
        let id = parts.last ?? ""
        guard id.utf8.count == 32, id.allSatisfy(\.isHexDigit) else { return reference }
        return parts.count == 2 ? "\(parts[0])/\(anyID)" : anyID
    }

    /// As if it had never cited any of those (decision 19), but for whose record it is.
    func withoutReferences(to hidden: Set<String>) -> JSONTree {
        guard !hidden.isEmpty, mentions(hidden) else { return self }
        return citing(hidden, in: "") ?? .object([JSONTree.Member]())
    }

    private func mentions(_ hidden: Set<String>) -> Bool {
        switch self {
        case .array(let elements): return elements.contains { $0.mentions(hidden) }
        case .object(let members):
            return hidden.contains(self["reference"]?.text ?? "")
                || members.contains { $0.value.mentions(hidden) }
        default: return false
        }
    }

    private func isCitation(of hidden: Set<String>, in name: String) -> Bool {
        guard let cited = self["reference"]?.text, hidden.contains(cited) else { return false }
        return name == "link" || !cited.hasPrefix("Patient/")
    }

    private func citing(_ hidden: Set<String>, in name: String) -> JSONTree? {
        switch self {
        case .array(let elements):
            let left = elements.compactMap { element -> JSONTree? in
                // An element that has the citation as a member of its own is about nothing else.
                if case .object(let members) = element, element["resourceType"] == nil,
                    members.contains(where: {
                        $0.value.isCitation(of: hidden, in: name == "link" ? name : $0.name)
                    })
                {
                    return nil
                }
                return element.citing(hidden, in: name)
            }
            return left.isEmpty && !elements.isEmpty ? nil : .array(left)
        case .object(let members):
            if isCitation(of: hidden, in: name) { return nil }
            let left = members.compactMap { member -> Member? in
                if member.name == "text", member.value["div"] != nil { return nil }
                return member.value.citing(hidden, in: name == "link" ? name : member.name)
                    .map { Member(name: member.name, value: $0) }
            }
            return left.isEmpty && !members.isEmpty ? nil : .object(left)
        default: return self
        }
    }
}
