import HL7

/// Which organisation a message is from: by MSH-3 and MSH-4 where that is said, else by the port it came in at.
public struct MLLPSources: Hashable, Sendable {
    /// ODS code of everything that comes in, where nothing else says.
    public var port: String?
    /// By `APPLICATION|FACILITY` as MSH-3 and MSH-4 have them, the first component of each.
    public var senders: [String: String] = [:]

    /// By what a sender's certificate is named by, whose messages it may send. Empty: any certificate may send any source's.
    public var certificates: [String: Set<String>] = [:]

    public init() {}

    /// `NAME=ODS`: a DNS name or URI of the certificate's subject alternative names, or `sha256:` and its digest. A name may come several
    /// times.
    mutating func add(certificate text: String) throws(SettingsError) {
        guard let equals = text.lastIndex(of: "="), equals > text.startIndex,
            text.index(after: equals) < text.endIndex
        else { throw SettingsError(key: "mllp.certificates", problem: "'\(text)' is not NAME=ODS") }
        let name = String(text[..<equals])
        certificates[name.contains("/") ? name : name.lowercased(), default: []].insert(
            String(text[text.index(after: equals)...]))
    }

    /// Whether whoever showed such a certificate may send the source's messages.
    func may(_ names: Set<String>?, sendFor source: String) -> Bool {
        if certificates.isEmpty { return true }
        return (names ?? []).contains { certificates[$0]?.contains(source) ?? false }
    }

    /// `APPLICATION|FACILITY=ODS`; either side of the bar may be empty.
    mutating func add(_ text: String) throws(SettingsError) {
        let sides = text.split(separator: "=", omittingEmptySubsequences: false)
        guard sides.count == 2, sides[0].contains("|"), !sides[1].isEmpty else {
            throw SettingsError(
                key: "mllp.senders", problem: "'\(text)' is not APPLICATION|FACILITY=ODS")
        }
        senders[String(sides[0])] = String(sides[1])
    }

    func source(of message: [UInt8]) -> String? {
        guard !senders.isEmpty, let header = HL7Header(of: message) else { return port }
        func first(_ field: Int) -> String {
            let component =
                header.field(field).split(
                    separator: header.separators.component, omittingEmptySubsequences: false
                ).first ?? []
            return String(decoding: component, as: UTF8.self)
        }
        let (application, facility) = (first(3), first(4))
        return senders["\(application)|\(facility)"] ?? senders["|\(facility)"] ?? senders["\(application)|"]
            ?? port
    }
}
