import HL7

/// Which organisation a message is from: by MSH-3 and MSH-4 where that is said, else by the port it came in at.
public struct MLLPSources: Hashable, Sendable {
    /// ODS code of everything that comes in, where nothing else says.
    public var port: String?
    /// By `APPLICATION|FACILITY` as MSH-3 and MSH-4 have them, the first component of each.
    public var senders: [String: String] = [:]

    public init() {}

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
