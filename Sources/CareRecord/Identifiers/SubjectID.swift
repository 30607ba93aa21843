import Wire

/// One source's local identity of a person or thing: an organisation's ODS code and its own id. It never
/// changes.
///
/// Written `ODS:LOCALID`. A resource that names no patient is a subject of its own, with `Type/id` as its
/// local id.
public struct SubjectID: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var organisation: String
    public var localID: String

    /// Bytes of UTF-8.
    public static let maximumOrganisationBytes = 32
    /// Bytes of UTF-8: a type name, a slash and an id, with room for ids longer than FHIR's 64 characters.
    public static let maximumLocalIDBytes = 256

    public init(organisation: String, localID: String) {
        (self.organisation, self.localID) = (organisation, localID)
    }

    /// Reads `ODS:LOCALID`, split at the first colon.
    ///
    /// - Returns: nil where either part is empty, too long, or has a control character.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        self.init(organisation: String(text[..<colon]), localID: String(text[text.index(after: colon)...]))
        guard isWellFormed else { return nil }
    }

    /// Both parts there, within their limits, and without control characters (the canonical bytes use NUL).
    public var isWellFormed: Bool {
        (1...Self.maximumOrganisationBytes).contains(organisation.utf8.count)
            && (1...Self.maximumLocalIDBytes).contains(localID.utf8.count)
            && organisation.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && $0 != 0x3A }
            && localID.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    /// Organisation, NUL, local id: what a subject's keyed token is made of.
    public var canonicalBytes: [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(organisation.utf8.count + 1 + localID.utf8.count)
        out.append(contentsOf: organisation.utf8)
        out.append(0)
        out.append(contentsOf: localID.utf8)
        return out
    }

    public var description: String { "\(organisation):\(localID)" }

    /// By organisation, then local id.
    public static func < (a: SubjectID, b: SubjectID) -> Bool {
        if a.organisation != b.organisation { return a.organisation < b.organisation }
        return a.localID < b.localID
    }

    public func encode(into out: inout ByteWriter) {
        out.string(organisation)
        out.string(localID)
    }

    public init(from reader: inout ByteReader) throws(WireError) {
        organisation = try reader.string()
        localID = try reader.string()
        guard isWellFormed else { throw WireError(.invalid, at: reader.offset, what: "subject") }
    }
}
