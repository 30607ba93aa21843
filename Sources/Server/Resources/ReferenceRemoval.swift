import Ciphers
import Intake
import Projections

/// Takes what cites a withheld item out of a resource, so that it reads as if its source had never mentioned it (decision 19): the
/// reference or attachment itself, with its display; the element of a list that it is the subject of, with the rank or role beside it; the
/// resource's narrative, which is a rendering of the rest. What that leaves empty goes too.
struct ReferenceRemoval {
    /// `Type/id`.
    let withheld: Set<String>

    init(_ withheld: Set<String>) { self.withheld = withheld }

    /// The items without them, and what corrected ones said before.
    func applied(to items: [ViewItem]) throws(StoreError) -> [ViewItem] {
        var out = items
        for index in out.indices {
            if let content = out[index].resource, let left = try cut(content, of: items[index].reference) {
                out[index].resource = left
            }
            if let content = out[index].previous?.resource,
                let left = try cut(content, of: items[index].reference)
            {
                out[index].previous?.resource = left
            }
        }
        return out
    }

    /// - Returns: nil where nothing is to be taken out.
    private func cut(
        _ content: ArraySlice<UInt8>, of reference: String
    ) throws(StoreError) -> ArraySlice<UInt8>? {
        guard mayCite(content, of: reference) else { return nil }
        return try left(of: Array(content), reference)?[...]
    }

    /// - Parameter reference: whose bytes they are.
    /// - Throws: where they do not read: what cannot be looked into is not shown whole.
    func applied(to content: [UInt8], of reference: String) throws(StoreError) -> [UInt8] {
        guard mayCite(content[...], of: reference) else { return content }
        return try left(of: content, reference) ?? content
    }

    private func left(of content: [UInt8], _ reference: String) throws(StoreError) -> [UInt8]? {
        let root = try StoredJSON.document(content, of: reference).root
        let source = Self.source(of: reference)
        guard cites(root, source) else { return nil }
        return rendered(root, source, isLink: false) ?? Array("{}".utf8)
    }

    /// The code that ids of the resource's source begin with.
    private static func source(of reference: String) -> Substring {
        (reference.split(separator: "/", maxSplits: 1).last ?? "").prefix { $0 != "." }
    }

    /// Whether it is worth reading: most resources cite nothing that is withheld. A name or an id may be escaped, of which nothing is said
    /// here: such a resource is read.
    private func mayCite(_ content: ArraySlice<UInt8>, of reference: String) -> Bool {
        let source = Self.source(of: reference)
        return content.withUnsafeBytes { bytes in
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
                case UInt8(ascii: "\"") where Self.stands(Self.reference, bytes, i):
                    guard let text = Self.value(bytes, i + Self.reference.count), !isWithheld(text, source)
                    else {
                        return true
                    }
                    i += Self.reference.count
                case UInt8(ascii: "\"") where Self.stands(Self.url, bytes, i):
                    guard let text = Self.value(bytes, i + Self.url.count), !isWithheld(address: text, source)
                    else { return true }
                    i += Self.url.count
                default: i += 1
                }
            }
            return false
        }
    }

    private static let reference = Array(#""reference""#.utf8)
    private static let url = Array(#""url""#.utf8)

    private static func stands(_ name: [UInt8], _ bytes: UnsafeRawBufferPointer, _ at: Int) -> Bool {
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

    private func cites(_ value: JSONCursor, _ source: Substring) -> Bool {
        switch value.kind {
        case .object: names(value, source) || value.members.contains { cites($0.value, source) }
        case .array: value.elements.contains { cites($0, source) }
        default: false
        }
    }

    private func isWithheld(_ text: String, _ source: Substring) -> Bool {
        let bare = FHIRPaths.unversioned(text)
        if withheld.contains(bare) { return true }
        guard bare.contains("://") else { return false }
        // An address: of this server, whose ids these are, or of the source's own, with the source's id.
        let parts = bare.split(separator: "/").suffix(2)
        guard parts.count == 2, let type = parts.first, let id = parts.last else { return false }
        if withheld.contains("\(type)/\(id)") { return true }
        let intake = FHIRIntake(source: String(source), digest: { SHA256.hash($0).bytes })
        let own = String(decoding: intake.daybookID(type: type.utf8, id: id.utf8), as: UTF8.self)
        return withheld.contains("\(type)/\(own)")
    }

    /// An attachment's address, which stays as its source sent it: `Binary/id` by the source's own id.
    private func isWithheld(address text: String, _ source: Substring) -> Bool {
        guard let slash = text.firstIndex(of: "/") else { return false }
        return isWithheld(text, source)
            || isWithheld(text[...slash] + source + "." + text[text.index(after: slash)...], source)
    }

    /// Whether an object is a reference to, or an attachment that is, something withheld.
    private func names(_ object: JSONCursor, _ source: Substring) -> Bool {
        if let text = object["reference"]?.string, isWithheld(text, source) { return true }
        if let text = object["url"]?.string, isWithheld(address: text, source) { return true }
        return false
    }

    /// - Parameter isLink: inside a Patient's `link`, which names other records of the person. Whose record a resource is stays in it: its
    ///   source and its patient are what was asked.
    private func isRemoved(_ object: JSONCursor, _ source: Substring, isLink: Bool) -> Bool {
        guard object.kind == .object, names(object, source) else { return false }
        return isLink || object["reference"]?.string?.contains("Patient/") != true
    }

    /// Whether an element of a list is about something withheld: then its rank, its role or its code would tell that there is one.
    private func isAbout(_ element: JSONCursor, _ source: Substring, isLink: Bool) -> Bool {
        guard element.kind == .object, element["resourceType"] == nil else { return false }
        return element.members.contains { isRemoved($0.value, source, isLink: isLink || $0.name == "link") }
    }

    /// - Returns: nil where nothing is to be left.
    private func rendered(_ value: JSONCursor, _ source: Substring, isLink: Bool) -> [UInt8]? {
        var parts: [[UInt8]] = []
        switch value.kind {
        case .object:
            if isRemoved(value, source, isLink: isLink) { return nil }
            let members = value.members
            for (name, member) in members {
                if name == "text", member["div"] != nil { continue }
                guard let bytes = rendered(member, source, isLink: isLink || name == "link") else { continue }
                var part: [UInt8] = []
                JSONWriter.appendQuoted(name.utf8, to: &part)
                parts.append(part + [UInt8(ascii: ":")] + bytes)
            }
            if parts.isEmpty, !members.isEmpty { return nil }
            return [UInt8(ascii: "{")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
        case .array:
            let elements = value.elements
            parts = elements.compactMap {
                isAbout($0, source, isLink: isLink) ? nil : rendered($0, source, isLink: isLink)
            }
            if parts.isEmpty, !elements.isEmpty { return nil }
            return [UInt8(ascii: "[")] + parts.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "]")]
        default: return Array(value.raw)
        }
    }
}
