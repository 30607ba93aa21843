import Intake

/// References into a resource's own contained resources, where those are left out: nothing may point at what is not there.
enum ContainedReferences {
    /// The resource without them, and without what that leaves empty: FHIR has no empty members. All else stays as sent.
    ///
    /// - Throws: `damaged` where the bytes are not JSON, which no held resource is.
    static func removed(from resource: ArraySlice<UInt8>) throws(ProjectionError) -> ArraySlice<UInt8> {
        let root: JSONCursor
        do throws(JSONError) { root = try JSONDocument(Array(resource)).root } catch {
            throw .damaged(what: "a resource: \(error)")
        }
        return (rendered(root) ?? Array("{}".utf8))[...]
    }

    /// - Returns: nil where nothing is left of what had something.
    private static func rendered(_ value: JSONCursor) -> [UInt8]? {
        switch value.kind {
        case .object:
            let members = value.members.map {
                (name: $0.name, value: isDangling($0.name, $0.value) ? nil : rendered($0.value))
            }
            return joined(
                members.compactMap { member in
                    guard let value = member.value else { return nil }
                    var bytes: [UInt8] = []
                    JSONWriter.appendQuoted(member.name.utf8, to: &bytes)
                    return bytes + [UInt8(ascii: ":")] + value
                }, "{", "}", isEmpty: members.isEmpty)
        case .array:
            let elements = value.elements
            return joined(elements.compactMap(rendered), "[", "]", isEmpty: elements.isEmpty)
        default: return Array(value.raw)
        }
    }

    /// `#id`: by Reference.reference, or by a canonical or a URI.
    private static func isDangling(_ name: String, _ value: JSONCursor) -> Bool {
        guard let text = value.string, text.utf8.first == UInt8(ascii: "#"), text.utf8.count > 1 else {
            return false
        }
        return name == "reference" || name.hasSuffix("anonical") || name.hasSuffix("Uri")
    }

    private static func joined(
        _ parts: [[UInt8]], _ open: Unicode.Scalar, _ close: Unicode.Scalar, isEmpty: Bool
    ) -> [UInt8]? {
        if parts.isEmpty, !isEmpty { return nil }
        return [UInt8(ascii: open)] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: close)]
    }
}
