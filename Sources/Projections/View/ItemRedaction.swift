import CareRecord
import Intake
import Wire

/// Takes out of a resource what its decision says must not be shown (decision 2, section G). It works on the bytes as
/// they are served: whatever is left is exactly as the source sent it.
public struct ItemRedaction {
    /// What stands in place of an id of Daybook's, which begins with its source's code.
    public typealias Opaque = (String) -> String

    private let redaction: Redaction
    private let opaque: Opaque

    public init(_ redaction: Redaction, opaque: @escaping Opaque) {
        (self.redaction, self.opaque) = (redaction, opaque)
    }

    /// Members that tell where somebody is, whatever resource they stand in.
    static let locationMembers: Set<String> = [
        "address", "telecom", "contact", "generalPractitioner", "managingOrganization", "organization",
        "serviceProvider", "custodian", "location", "hospitalization", "sourcePatientInfo", "identifier",
        "meta",
        "valueAddress", "valueContactPoint", "valueIdentifier",
    ]
    /// Contained resources that are nothing but that.
    static let locationTypes: Set<String> = ["Organization", "Location", "PractitionerRole", "RelatedPerson"]
    /// Members of an attachment: a letter's head has an address.
    static let attachmentMembers: Set<String> = ["data", "url", "title"]

    /// - Throws: `damaged` where the bytes are not JSON, which no held resource is.
    public func apply(to content: ArraySlice<UInt8>) throws(ProjectionError) -> ArraySlice<UInt8> {
        // Narrative has a `div`, and nothing else does: most resources are done with one look.
        if redaction == .narrative, !content.contains(bytes: Array(#""div""#.utf8)) { return content }
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(Array(content)).root } catch {
            throw .damaged(what: "a resource: \(error)")
        }
        return (rendered(root, as: "") ?? Array("{}".utf8))[...]
    }

    /// - Returns: nil where nothing is left of what had something: FHIR has no empty members.
    private func rendered(_ value: JSONCursor, as name: String) -> [UInt8]? {
        switch value.kind {
        case .object: rendered(object: value)
        case .array: rendered(array: value, as: name)
        default: Array(value.raw)
        }
    }

    private func rendered(array: JSONCursor, as name: String) -> [UInt8]? {
        var out = [UInt8(ascii: "[")]
        let elements = array.elements
        for element in elements where !isWithheld(element, in: name) {
            guard let bytes = rendered(element, as: name) else { continue }
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            out += bytes
        }
        if out.count == 1, !elements.isEmpty { return nil }
        out.append(UInt8(ascii: "]"))
        return out
    }

    private func rendered(object: JSONCursor) -> [UInt8]? {
        var out = [UInt8(ascii: "{")]
        let all = object.members
        let names = Set(all.map(\.name))
        for (name, value) in all where !isWithheld(name, value, beside: names) {
            var bytes: [UInt8] = []
            if redaction.contains(.location), let text = replaced(name, value, beside: names) {
                JSONWriter.appendQuoted(text.utf8, to: &bytes)
            } else {
                guard let left = rendered(value, as: name) else { continue }
                bytes = left
            }
            if out.count > 1 { out.append(UInt8(ascii: ",")) }
            JSONWriter.appendQuoted(name.utf8, to: &out)
            out.append(UInt8(ascii: ":"))
            out += bytes
        }
        if out.count == 1, !all.isEmpty { return nil }
        out.append(UInt8(ascii: "}"))
        return out
    }

    private func isWithheld(_ element: JSONCursor, in name: String) -> Bool {
        guard redaction.contains(.location), name == "contained" else { return false }
        return element["resourceType"]?.string.map { Self.locationTypes.contains($0) } ?? false
    }

    private func isWithheld(_ name: String, _ value: JSONCursor, beside names: Set<String>) -> Bool {
        // A location's view has no narrative either: it is a rendering of all the rest.
        if name == "text", value["div"] != nil { return true }
        guard redaction.contains(.location) else { return false }
        if Self.locationMembers.contains(name) { return true }
        if names.contains("contentType"), Self.attachmentMembers.contains(name) { return true }
        // What a coding displays is clinical; what a reference displays is somebody's or some place's name.
        if name == "display", !names.contains("code") { return true }
        // An address elsewhere is no reference within Daybook, and names a host.
        return name == "reference" && value.string.map { $0.contains(":") } ?? false
    }

    private func replaced(_ name: String, _ value: JSONCursor, beside names: Set<String>) -> String? {
        guard let text = value.string else { return nil }
        if name == "id", names.contains("resourceType") { return opaque(text) }
        guard name == "reference", !text.hasPrefix("#") else { return nil }
        return Self.reference(text, opaque)
    }

    /// `Type/id` with the id replaced.
    public static func reference(_ text: String, _ opaque: Opaque) -> String {
        guard let slash = text.firstIndex(of: "/") else { return opaque(text) }
        return text[...slash] + opaque(String(text[text.index(after: slash)...]))
    }
}

extension ViewItem {
    /// The item as it may be shown: redacted, and, of a shielded patient, without its source and what could tell of it.
    public func redacted(_ opaque: @escaping ItemRedaction.Opaque) throws(ProjectionError) -> ViewItem {
        if redaction.isEmpty { return self }
        var out = self
        let redaction = ItemRedaction(redaction, opaque: opaque)
        if let resource {
            let left = try redaction.apply(to: resource)
            // What nothing was taken from stays the version's own.
            if left != resource { out.resource = left }
        }
        if let previous { out.previous?.resource = try redaction.apply(to: previous.resource) }
        return out
    }

    /// Without source, without an id that begins with it, and without the events that decided, an agreement's among them.
    public func withoutSource(_ opaque: ItemRedaction.Opaque) -> ViewItem {
        var out = self
        out.hideSource()
        if !reference.isEmpty { out.reference = ItemRedaction.reference(reference, opaque) }
        return out
    }
}

extension ArraySlice<UInt8> {
    func contains(bytes wanted: [UInt8]) -> Bool {
        var at = startIndex
        while let found = self[at...].firstIndex(of: wanted[0]) {
            if self[found...].starts(with: wanted) { return true }
            at = found + 1
        }
        return false
    }
}
