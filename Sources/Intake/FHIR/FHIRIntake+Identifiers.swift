import Wire

/// A resource as references name it.
struct ReferenceTarget {
    /// UTF-8 of `Type/id` with the Daybook id.
    var reference: [UInt8]
    /// The same for metas.
    var text: String
    var isPatient: Bool
    /// The source's own id.
    var sourceID: [UInt8]
}

extension FHIRIntake {
    /// The id within Daybook of a source's resource: `SOURCE.id` where that is a FHIR id, else `SOURCE..` and
    /// the first 40 hexadecimal digits of SHA-256 over `Type/id`. An id beginning with a dot is hashed too,
    /// so that the two forms never meet.
    public func daybookID(type: some Collection<UInt8>, id: some Collection<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        appendDaybookID(type: type, id: id, to: &out)
        return out
    }

    private func appendDaybookID(
        type: some Collection<UInt8>, id: some Collection<UInt8>, to out: inout [UInt8]
    ) {
        let length = source.utf8.count + 1 + id.count
        out.reserveCapacity(out.count + max(length, 64))
        out.append(contentsOf: source.utf8)
        out.append(UInt8(ascii: "."))
        if length <= 64, id.first != UInt8(ascii: "."), id.allSatisfy(Self.isIDByte) {
            out.append(contentsOf: id)
            return
        }
        out.append(UInt8(ascii: "."))
        out.append(
            contentsOf: Hex.encode(digest(Array(type) + [UInt8(ascii: "/")] + Array(id)).prefix(20)).utf8)
    }

    /// Whether an id within Daybook is `SOURCE..` and a hash: of it the source's own cannot be read.
    public static func isHashed(_ id: String) -> Bool {
        guard let dot = id.utf8.firstIndex(of: UInt8(ascii: ".")) else { return false }
        return id.utf8[id.utf8.index(after: dot)...].first == UInt8(ascii: ".")
    }

    /// The source's own id in an id that it may have read here: without its code and the dot, where it begins with them.
    public func ownID(_ id: some Collection<UInt8>) -> [UInt8] {
        let prefix = Array(source.utf8) + [UInt8(ascii: ".")]
        let rest = id.dropFirst(prefix.count)
        guard id.starts(with: prefix), let first = rest.first, first != UInt8(ascii: ".") else {
            return Array(id)
        }
        return Array(rest)
    }

    func target(type: some Collection<UInt8>, id sent: some Collection<UInt8>) -> ReferenceTarget {
        let id = ownID(sent)
        var reference: [UInt8] = []
        reference.reserveCapacity(type.count + 1 + 64)
        reference.append(contentsOf: type)
        reference.append(UInt8(ascii: "/"))
        appendDaybookID(type: type, id: id, to: &reference)
        return ReferenceTarget(
            reference: reference, text: String(decoding: reference, as: UTF8.self),
            isPatient: type.elementsEqual("Patient".utf8), sourceID: Array(id))
    }

    /// A FHIR id's bytes: letters, digits, `-` and `.`.
    static func isIDByte(_ c: UInt8) -> Bool {
        switch c {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
        default: false
        }
    }

    /// Whether intake takes it as an id: FHIR's, and for the sake of feeds that stray, other visible ASCII
    /// that means nothing in a URL's path or in JSON.
    func isAcceptableID(_ id: some Collection<UInt8>) -> Bool {
        (1...limits.idBytes).contains(id.count)
            && id.allSatisfy { c in
                switch c {
                case 0x22, 0x23, 0x2F, 0x3C, 0x3E, 0x3F, 0x5C, 0x7C: false
                default: c > 0x20 && c < 0x7F
                }
            }
    }
}
