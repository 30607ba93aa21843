import Wire

/// Reading members with a check of what they are, and the forms that URLs take.
extension FHIRMessageReader {
    func wrong(_ index: Int, _ expected: String) -> FHIRFault {
        FHIRFault(.invalidValue, at: index, "this must be \(expected)")
    }

    func resourceType(_ index: Int) throws(FHIRFault) -> [UInt8] {
        guard document.tokens[index].kind == .object else {
            throw FHIRFault(.notAResource, at: index, "a FHIR resource is a JSON object")
        }
        guard let value = document.member(.resourceType, of: index) else {
            throw FHIRFault(.notAResource, at: index, "there is no resourceType: this is no FHIR resource")
        }
        guard document.tokens[value].kind == .string else { throw wrong(value, "a string") }
        let type = document.text(value)
        guard ResourceTypes.isWellFormed(type) else { throw wrong(value, "the name of a resource type") }
        return type
    }

    /// An object's string member; nil where it has none.
    func string(_ name: FHIRName, of index: Int) throws(FHIRFault) -> String? {
        guard let value = document.member(name, of: index) else { return nil }
        guard document.tokens[value].kind == .string else { throw wrong(value, "a string") }
        return document.string(value)
    }

    /// An object's instant (a date-time with seconds and offset); nil where it has none.
    func instant(_ name: FHIRName, of index: Int) throws(FHIRFault) -> Instant? {
        guard let value = document.member(name, of: index) else { return nil }
        guard document.tokens[value].kind == .string, let instant = Instant(rfc3339: document.text(value))
        else { throw wrong(value, "an instant, such as 2018-02-01T09:30:00Z") }
        return instant
    }

    /// A resource's meta.lastUpdated.
    func lastUpdated(_ resource: Int) throws(FHIRFault) -> Instant? {
        guard let meta = document.member(.meta, of: resource) else { return nil }
        guard document.tokens[meta].kind == .object else { throw wrong(meta, "an object") }
        return try instant(.lastUpdated, of: meta)
    }

    static let maximumMessageIDBytes = 1_000

    /// `system|value`, or nothing.
    func bundleIdentifier() throws(FHIRFault) -> String {
        guard let identifier = document.member(.identifier, of: 0) else { return "" }
        guard document.tokens[identifier].kind == .object else { throw wrong(identifier, "an Identifier") }
        guard let value = try string(.value, of: identifier), !value.isEmpty else { return "" }
        let id = "\(try string(.system, of: identifier) ?? "")|\(value)"
        guard id.utf8.count <= Self.maximumMessageIDBytes else {
            throw wrong(identifier, "at most \(Self.maximumMessageIDBytes) bytes, system and value together")
        }
        return id
    }

    static let slash = UInt8(ascii: "/")

    /// `Type/id`, alone or at the end of an absolute URL, without a version.
    static func typeAndID(_ url: [UInt8]) -> (type: [UInt8], id: [UInt8])? {
        guard let last = url.lastIndex(of: slash) else { return nil }
        let before = url[..<last]
        let typeStart = before.lastIndex(of: slash).map { $0 + 1 } ?? 0
        let type = Array(before[typeStart...])
        let id = Array(url[(last + 1)...])
        return ResourceTypes.isWellFormed(type) && !id.isEmpty ? (type, id) : nil
    }

    /// The id that a fullUrl gives: after `urn:uuid:` or `urn:oid:`, or of a URL that ends with `Type/id`.
    static func id(fromFullURL url: [UInt8], type: [UInt8]) -> [UInt8]? {
        for scheme in ["urn:uuid:", "urn:oid:"] where url.starts(with: scheme.utf8) {
            return Array(url.dropFirst(scheme.utf8.count))
        }
        guard let (named, id) = typeAndID(withoutVersion(url)), named == type else { return nil }
        return id
    }

    /// What stands before `Type/id` in an absolute URL, with its slash.
    static func base(of url: [UInt8]) -> [UInt8]? {
        guard url.starts(with: "http".utf8), let (type, id) = typeAndID(withoutVersion(url)) else {
            return nil
        }
        return Array(withoutVersion(url).dropLast(type.count + 1 + id.count))
    }

    /// A URL without its `/_history/…`.
    static func withoutVersion(_ url: [UInt8]) -> [UInt8] {
        guard let last = url.lastIndex(of: slash) else { return url }
        let before = url[..<last]
        return before.hasSuffix(Array("/_history".utf8)) ? Array(before.dropLast(9)) : url
    }
}

extension Collection<UInt8> where Self: BidirectionalCollection {
    func hasSuffix(_ suffix: [UInt8]) -> Bool {
        count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix)
    }
}
