import CareRecord
import HL7

/// Names, addresses, telephones and identifiers of people and organisations.
enum HL7People {
    /// XPN.
    static func name(_ value: HL7Value) -> FHIRObject? {
        guard value.isValued else { return nil }
        var out = FHIRObject()
        out.set("use", HL7Codes.nameUse(value.component(7).words ?? ""))
        let family = value.component(1).subcomponent(1).words
        out.set("family", family)
        let given = [2, 3].compactMap { value.component($0).words }
        out.set("given", texts: given)
        out.set("prefix", texts: [value.component(5).words].compactMap(\.self))
        out.set("suffix", texts: [4, 6].compactMap { value.component($0).words })
        return family == nil && given.isEmpty ? nil : out
    }

    /// XAD. The first line may itself be a street and its number.
    static func address(_ value: HL7Value) -> FHIRObject? {
        guard value.isValued else { return nil }
        var out = FHIRObject()
        out.set("use", HL7Codes.addressUse(value.component(7).words ?? ""))
        let lines = [value.component(1).words, value.component(2).words].compactMap(\.self)
        out.set("line", texts: lines)
        let (city, postalCode) = (value.component(3).words, value.component(5).words)
        out.set("city", city)
        out.set("district", value.component(9).words)
        out.set("state", value.component(4).words)
        out.set("postalCode", postalCode)
        out.set("country", value.component(6).words)
        return lines.isEmpty && city == nil && postalCode == nil ? nil : out
    }

    /// XTN: the number as one text, or as its parts, or an address of electronic mail.
    static func telecom(_ value: HL7Value, work: Bool = false) -> FHIRObject? {
        guard value.isValued else { return nil }
        let parts = [5, 6, 7, 8].compactMap { value.component($0).words }
        let mail = value.component(4).words
        guard
            let number = value.component(1).words ?? value.component(12).words ?? mail
                ?? (parts.isEmpty ? nil : parts.joined(separator: " "))
        else { return nil }
        let equipment = (value.component(3).words ?? "").uppercased()
        let use = (value.component(2).words ?? "").uppercased()
        var out = FHIRObject()
        let isMail = number == mail || use == "NET" || equipment == "INTERNET"
        out.set("system", isMail ? "email" : equipment == "FX" ? "fax" : "phone")
        out.set("value", number)
        let mobile = equipment == "CP" || use == "PRS"
        out.set("use", mobile ? "mobile" : work || use == "WPN" ? "work" : use == "PRN" ? "home" : nil)
        return out
    }

    /// XCN or CNN: who it is, by id and name.
    static func person(_ value: HL7Value) -> FHIRObject? {
        guard value.isValued else { return nil }
        let named = [6, 3, 2].compactMap { value.component($0).subcomponent(1).words }
        let id = value.component(1).words
        var out = FHIRObject()
        if let id {
            var identifier = FHIRObject()
            identifier.set("system", authority(value.component(9)))
            identifier.set("value", id)
            out.set("type", "Practitioner")
            out.set("identifier", identifier)
        }
        out.set("display", named.isEmpty ? id : named.joined(separator: " "))
        return out.isEmpty ? nil : out
    }

    /// An assigning authority (HD) as a system; nil where none is named.
    static func authority(_ value: HL7Value) -> String? {
        let (namespace, universal) = (value.subcomponent(1).words, value.subcomponent(2).words)
        if let universal {
            switch (value.subcomponent(3).words ?? "").uppercased() {
            case "ISO": if universal.isObjectIdentifier { return "urn:oid:\(universal)" }
            case "UUID", "GUID": return HL7Codes.system("urn:uuid:\(universal.lowercased())")
            case "URI", "HTTP": return HL7Codes.system(universal)
            default: break
            }
            if universal.isObjectIdentifier { return "urn:oid:\(universal)" }
            return HL7Codes.named(namespace ?? universal)
        }
        return namespace.flatMap { $0.isObjectIdentifier ? "urn:oid:\($0)" : HL7Codes.named($0) }
    }

    /// EI: an order number or the like.
    static func entity(_ value: HL7Value, type: String? = nil) -> FHIRObject? {
        guard let id = value.component(1).words else { return nil }
        var out = FHIRObject()
        if let type { out.set("type", .concept(HL7Codes.table(203), type)) }
        let universal = value.component(3).words
        out.set(
            "system",
            universal.flatMap { $0.isObjectIdentifier ? "urn:oid:\($0)" : HL7Codes.named($0) }
                ?? value.component(2).words.flatMap { HL7Codes.system($0) })
        out.set("value", id)
        return out
    }

    /// XON: a name and its code.
    static func organisation(_ value: HL7Value, odsSystem: String) -> FHIRObject? {
        guard value.isValued else { return nil }
        let name = value.component(1).words
        guard let id = value.component(10).words ?? value.component(3).words else {
            var out = FHIRObject()
            out.set("type", "Organization")
            out.set("display", name)
            return name == nil ? nil : out
        }
        var identifier = FHIRObject()
        identifier.set("system", odsSystem)
        identifier.set("value", id)
        var out = FHIRObject()
        out.set("type", "Organization")
        out.set("identifier", identifier)
        out.set("display", name)
        return out
    }

    /// PL: a place in a hospital, from the smallest to the largest, in words.
    static func place(_ value: HL7Value) -> String? {
        guard value.isValued else { return nil }
        let parts = [1, 2, 3, 4, 8].compactMap { value.component($0).subcomponent(1).words }
        let words = value.component(9).words
        return parts.isEmpty ? words : parts.joined(separator: ", ")
    }
}
