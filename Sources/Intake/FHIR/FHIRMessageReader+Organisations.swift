import CareRecord

/// Which organisations a resource's references name.
extension FHIRMessageReader {
    /// - Parameter name: a member that is a Reference or a list of them; what names no organisation is passed over.
    func organisations(_ name: String, of resource: Int) -> [NamedOrganisation] {
        guard let value = document.member(name, of: resource) else { return [] }
        let list = document.tokens[value].kind == .array ? document.objects(in: value) : [value]
        var out: [NamedOrganisation] = []
        for reference in list.prefix(Self.maximumOrganisations) {
            guard let named = organisation(reference, in: resource, depth: 0), !out.contains(named) else {
                continue
            }
            out.append(named)
        }
        return out
    }

    /// - Parameter depth: somebody's role names their organisation, and that ends it.
    private func organisation(_ reference: Int, in resource: Int, depth: Int) -> NamedOrganisation? {
        if let identifier = document.member(.identifier, of: reference), let code = odsCode(identifier) {
            return .ods(code)
        }
        guard let value = document.member(.reference, of: reference), document.tokens[value].kind == .string
        else { return nil }
        let text = document.text(value)
        if text.first == UInt8(ascii: "#") {
            let id = Array(text.dropFirst())
            let contained = document.objects(in: document.member(.contained, of: resource)).first {
                document.member(.id, of: $0).map { document.text($0) == id } ?? false
            }
            return contained.flatMap { organisation(of: $0, in: resource, depth: depth) }
        }
        if text.starts(with: "Organization?identifier=".utf8) {
            let search = Self.percentDecoded(text).dropFirst("Organization?identifier=".utf8.count)
            let parts = search.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            return parts.count == 2 && Self.odsSystems.contains(parts[0]) ? .ods(parts[1]) : nil
        }
        if let entry = entry(named: text) {
            return entry.resource.flatMap { organisation(of: $0, in: $0, depth: depth) }
                ?? (entry.isType("Organization") ? .id(String(decoding: entry.sourceID, as: UTF8.self)) : nil)
        }
        guard let (type, id) = localName(text), type.elementsEqual("Organization".utf8) else { return nil }
        return .id(String(decoding: intake.ownID(id), as: UTF8.self))
    }

    /// The organisation that a resource is, or is a part of: an Organization's ODS code, a role's or service's organisation.
    private func organisation(of resource: Int, in holder: Int, depth: Int) -> NamedOrganisation? {
        switch document.stringMember(.resourceType, of: resource) {
        case "Organization":
            guard let value = document.member(.identifier, of: resource) else { return nil }
            return document.objects(in: value).lazy.compactMap { odsCode($0) }.first.map { .ods($0) }
        case "PractitionerRole" where depth == 0:
            return document.member("organization", of: resource).flatMap {
                organisation($0, in: holder, depth: 1)
            }
        case "HealthcareService" where depth == 0:
            return document.member("providedBy", of: resource).flatMap {
                organisation($0, in: holder, depth: 1)
            }
        default: return nil
        }
    }

    /// Entries that are an organisation or a part of one, as `Type/id`.
    mutating func indexOrganisations() {
        for (number, entry) in entries.enumerated()
        where entry.isType("Organization") || entry.isType("PractitionerRole")
            || entry.isType("HealthcareService")
        {
            organisationEntries[entry.type + [Self.slash] + entry.sourceID] = number
        }
    }

    private func entry(named text: [UInt8]) -> BundleEntry? {
        if let number = index.find(text) ?? index.find(Self.withoutVersion(text)) { return known(number) }
        guard let (type, id) = localName(text) else { return nil }
        return organisationEntries[type + [Self.slash] + intake.ownID(id)].map { entries[$0] }
    }

    /// References of one member that are looked at: nobody refers a patient to more.
    private static let maximumOrganisations = 20

    /// `Type/id` of the source's own server; another server's ids are nobody's here.
    private func localName(_ text: [UInt8]) -> (type: [UInt8], id: [UInt8])? {
        var plain = Self.withoutVersion(text)
        if let base = bases.first(where: { plain.starts(with: $0) }) { plain.removeFirst(base.count) }
        guard !plain.contains(UInt8(ascii: ":")), plain.count(where: { $0 == Self.slash }) == 1 else {
            return nil
        }
        return Self.typeAndID(plain)
    }

    private func odsCode(_ identifier: Int) -> String? {
        guard let system = document.stringMember(.system, of: identifier), Self.odsSystems.contains(system),
            let code = document.stringMember(.value, of: identifier), !code.isEmpty
        else { return nil }
        return code
    }

    /// The second is what older UK profiles have.
    private static let odsSystems: Set<String> = [
        "https://fhir.nhs.uk/Id/ods-organization-code", "https://fhir.nhs.uk/Id/ods-code",
    ]
}
