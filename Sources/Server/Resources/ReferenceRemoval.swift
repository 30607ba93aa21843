import Intake
import Projections

/// Takes references to what is withheld out of a resource, each with the object that it stands in: a reference, its display and its
/// place in a list would tell that the other is there. What that leaves empty goes too.
struct ReferenceRemoval {
    /// `Type/id`.
    let withheld: Set<String>

    init(_ withheld: Set<String>) { self.withheld = withheld }

    /// The items without them, and what corrected ones said before.
    func applied(to items: [ViewItem]) throws(StoreError) -> [ViewItem] {
        var out = items
        for index in out.indices {
            if let content = out[index].resource, mayCite(content) {
                out[index].resource = try applied(to: Array(content), of: items[index].reference)[...]
            }
            if let content = out[index].previous?.resource, mayCite(content) {
                out[index].previous?.resource = try applied(to: Array(content), of: items[index].reference)[
                    ...]
            }
        }
        return out
    }

    /// - Parameter reference: whose bytes they are.
    /// - Throws: where they do not read: what cannot be looked into is not shown whole.
    func applied(to content: [UInt8], of reference: String) throws(StoreError) -> [UInt8] {
        guard mayCite(content[...]) else { return content }
        let document = try StoredJSON.document(content, of: reference)
        guard cites(document) else { return content }
        return rendered(document.root, isLink: false) ?? Array("{}".utf8)
    }

    /// Whether it is worth reading: most resources cite nothing that is withheld. A name or an id may be escaped, of which nothing is said
    /// here: such a resource is read.
    private func mayCite(_ content: ArraySlice<UInt8>) -> Bool {
        content.withUnsafeBytes { bytes in
            var i = 0
            while i < bytes.count {
                switch bytes[i] {
                case UInt8(ascii: "\\"):
                    if i + 1 < bytes.count,
                        bytes[i + 1] == UInt8(ascii: "u") || bytes[i + 1] == UInt8(ascii: "/")
                    {
                        return true
                    }
                    i += 2
                case UInt8(ascii: "\"") where Self.isReference(bytes, i):
                    guard let text = Self.value(bytes, i + Self.name.count), !isWithheld(text) else {
                        return true
                    }
                    i += Self.name.count
                default: i += 1
                }
            }
            return false
        }
    }

    private static let name = Array(#""reference""#.utf8)

    private static func isReference(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
        at + name.count <= bytes.count && bytes[at..<at + name.count].elementsEqual(name)
    }

    /// The string after a name.
    ///
    /// - Returns: nil where something else stands there.
    private static func value(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> String? {
        let rest = bytes[at...].drop { $0 != UInt8(ascii: "\"") }.dropFirst()
        guard let end = rest.firstIndex(of: UInt8(ascii: "\"")) else { return nil }
        return String(decoding: rest[..<end], as: UTF8.self)
    }

    private func cites(_ document: JSONDocument) -> Bool {
        for (index, token) in document.tokens.enumerated()
        where token.kind == .key && document.isText(index, "reference") {
            if let text = JSONCursor(document, at: index + 1).string, isWithheld(text) { return true }
        }
        return false
    }

    private func isWithheld(_ text: String) -> Bool {
        // A versioned reference is one too.
        let bare = text.firstRange(of: "/_history/").map { String(text[..<$0.lowerBound]) } ?? text
        return withheld.contains(bare)
    }

    /// - Parameter isLink: inside a Patient's `link`, which names other records of the person. Whose record a resource is stays in it: its
    ///   source and its patient are what was asked.
    /// - Returns: nil where nothing is to be left.
    private func rendered(_ value: JSONCursor, isLink: Bool) -> [UInt8]? {
        var parts: [[UInt8]] = []
        switch value.kind {
        case .object:
            if let text = value["reference"]?.string, isWithheld(text), isLink || !text.hasPrefix("Patient/")
            {
                return nil
            }
            let members = value.members
            for (name, member) in members {
                guard let bytes = rendered(member, isLink: isLink || name == "link") else { continue }
                var part: [UInt8] = []
                JSONWriter.appendQuoted(name.utf8, to: &part)
                parts.append(part + [UInt8(ascii: ":")] + bytes)
            }
            if parts.isEmpty, !members.isEmpty { return nil }
            return [UInt8(ascii: "{")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        case .array:
            let elements = value.elements
            parts = elements.compactMap { rendered($0, isLink: isLink) }
            if parts.isEmpty, !elements.isEmpty { return nil }
            return [UInt8(ascii: "[")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        default: return Array(value.raw)
        }
    }
}
