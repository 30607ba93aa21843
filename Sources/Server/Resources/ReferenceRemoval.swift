import Intake

/// Takes references to what is withheld out of a resource, each with the object that it stands in: a reference, its display and its
/// place in a list would tell that the other is there. What that leaves empty goes too.
struct ReferenceRemoval {
    /// `Type/id`.
    let withheld: Set<String>

    init(_ withheld: Set<String>) { self.withheld = withheld }

    /// - Parameter reference: whose bytes they are.
    /// - Throws: where they do not read: what cannot be looked into is not shown whole.
    func applied(to content: [UInt8], of reference: String) throws(StoreError) -> [UInt8] {
        let document = try StoredJSON.document(content, of: reference)
        guard cites(document) else { return content }
        return rendered(document.root) ?? Array("{}".utf8)
    }

    private func cites(_ document: JSONDocument) -> Bool {
        for (index, token) in document.tokens.enumerated()
        where token.kind == .key && document.isText(index, "reference") {
            if isWithheld(JSONCursor(document, at: index + 1)) { return true }
        }
        return false
    }

    private func isWithheld(_ value: JSONCursor?) -> Bool {
        guard let text = value?.string else { return false }
        // A versioned reference is one too.
        let bare = text.firstRange(of: "/_history/").map { String(text[..<$0.lowerBound]) } ?? text
        return withheld.contains(bare)
    }

    /// - Returns: nil where nothing is to be left.
    private func rendered(_ value: JSONCursor) -> [UInt8]? {
        var parts: [[UInt8]] = []
        switch value.kind {
        case .object:
            if isWithheld(value["reference"]) { return nil }
            let members = value.members
            for (name, member) in members {
                guard let bytes = rendered(member) else { continue }
                var part: [UInt8] = []
                JSONWriter.appendQuoted(name.utf8, to: &part)
                parts.append(part + [UInt8(ascii: ":")] + bytes)
            }
            if parts.isEmpty, !members.isEmpty { return nil }
            return [UInt8(ascii: "{")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        case .array:
            let elements = value.elements
            parts = elements.compactMap { rendered($0) }
            if parts.isEmpty, !elements.isEmpty { return nil }
            return [UInt8(ascii: "[")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        default: return Array(value.raw)
        }
    }
}
