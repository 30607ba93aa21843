import CareRecord
import HL7
import Wire

/// The answer to a message (HL7 v2, chapter 2, "Response and acknowledgement").
///
/// Whoever sends it sees to it that the message is durable first: AA and CA mean safely stored.
public struct HL7Acknowledgement: Hashable, Sendable {
    public enum Verdict: Hashable, Sendable {
        /// Stored, now or before: the same message again gets the same answer.
        case stored
        /// A fault in its content: it stands in quarantine under that id, and a corrected resend closes the entry.
        case quarantined(id: String, IntakeReject)
        /// Of a kind that is not taken (MSH-9, MSH-11, MSH-12): not to be sent again as it is.
        case refused(IntakeReject)
        /// A fault of ours: to be sent again.
        case failed(reason: String)

        /// What a reject comes to.
        public init(_ reject: IntakeReject, quarantinedAs id: String) {
            self = reject.code == .unsupportedMessage ? .refused(reject) : .quarantined(id: id, reject)
        }
    }

    /// Which of the two modes the sender asks for.
    public enum Mode: Hashable, Sendable { case original, enhanced }

    /// When an enhanced sender wants to hear (table 0155).
    private enum Wanted: String { case always = "AL", never = "NE", error = "ER", success = "SU" }

    public let verdict: Verdict
    public let mode: Mode
    private let wanted: Wanted
    private let header: HL7Header
    private let controlID: String
    private let sent: String

    /// - Parameters:
    ///   - message: as received, whole or not.
    ///   - controlID: the answer's own MSH-10.
    ///   - now: its MSH-7, written in UTC.
    /// - Returns: nil where no MSH can be read: then there is nobody to answer.
    public init?(to message: [UInt8], _ verdict: Verdict, controlID: String, now: Instant) {
        guard let header = HL7Header(of: message) else { return nil }
        (self.header, self.verdict, self.controlID) = (header, verdict, controlID)
        let modes = [15, 16].map { String(decoding: header.field($0), as: UTF8.self).trimmed }
        mode = modes.allSatisfy(\.isEmpty) ? .original : .enhanced
        // One who asks for an answer of the other kind alone still waits for this one.
        wanted = Wanted(rawValue: modes[0].uppercased()) ?? .always
        let digits = now.rfc3339.prefix(19).filter { $0.isNumber }
        sent = "\(digits)+0000"
    }

    /// `AA`, `AE`, `AR`; `CA`, `CE`, `CR`.
    public var code: String {
        let letter =
            switch verdict {
            case .stored: "A"
            case .quarantined: "E"
            case .refused, .failed: "R"
            }
        return (mode == .original ? "A" : "C") + letter
    }

    /// Whether the sender wants it at all.
    public var isWanted: Bool {
        if mode == .original { return true }
        let isStored = verdict == .stored
        return switch wanted {
        case .always: true
        case .never: false
        case .error: !isStored
        case .success: isStored
        }
    }

    /// MSA-3: for people.
    public var text: String {
        switch verdict {
        case .stored: ""
        case .quarantined(let id, let reject):
            "quarantined as \(id): \(Self.words(reject)); a corrected message closes the entry"
        case .refused(let reject): "\(Self.words(reject)); do not resend it as it is"
        case .failed(let reason): "\(reason); resend it"
        }
    }

    private static func words(_ reject: IntakeReject) -> String {
        [reject.path, reject.reason].compactMap(\.self).joined(separator: ": ")
    }

    // MARK: Bytes

    /// The message: MSH, MSA and, where something was wrong, ERR. Without the framing of MLLP.
    public var encoded: [UInt8] {
        let s = header.separators
        var out: [UInt8] = Array("MSH".utf8) + [s.field]
        out += [s.component, s.repetition, s.escape, s.subcomponent].compactMap(\.self)
        // Sender and receiver swap: as they were sent, byte for byte.
        let trigger = header.field(9).split(separator: s.component, omittingEmptySubsequences: false)
            .dropFirst().first
        let type = [Array("ACK".utf8)[...], trigger ?? [], Array("ACK".utf8)[...]]
        let version = header.field(12).isEmpty ? Array("2.4".utf8)[...] : header.field(12)
        var fields: [ArraySlice<UInt8>] = [
            header.field(5), header.field(6), header.field(3), header.field(4),
        ]
        fields.append(Array(sent.utf8)[...])
        fields.append([])
        fields.append(
            trigger == nil ? Array("ACK".utf8)[...] : Array(type.joined(separator: [s.component]))[...])
        fields.append(escaped(controlID)[...])
        fields.append(header.field(11).isEmpty ? Array("P".utf8)[...] : header.field(11))
        fields.append(version)
        for field in fields { out += [s.field] + field }
        out += [0x0D] + Array("MSA".utf8) + [s.field] + Array(code.utf8) + [s.field] + header.field(10)
        if !text.isEmpty { out += [s.field] + escaped(text) }
        out.append(0x0D)
        if let error { out += error + [0x0D] }
        return out
    }

    /// ERR as of version 2.5: where, which of table 0357, how grave, and the words. Earlier versions read MSA-3 alone.
    private var error: [UInt8]? {
        let version = String(decoding: header.field(12), as: UTF8.self).trimmed
        guard verdict != .stored,
            !["2", "2.1", "2.2", "2.3", "2.3.1", "2.4"].contains(where: {
                version.hasPrefix($0) && version.utf8.count == $0.utf8.count
            })
        else {
            return nil
        }
        let s = header.separators
        var out = Array("ERR".utf8) + [s.field, s.field]
        out += Array(location.map { Array($0.utf8) }.joined(separator: [s.component]))
        let (number, words) = condition
        let coded = [number, words, "HL70357"].map { escaped($0) }
        out += [s.field] + Array(coded.joined(separator: [s.component])) + [s.field] + Array("E".utf8)
        out += [s.field, s.field, s.field, s.field] + escaped(text)
        return out
    }

    /// `PID`, `1`, `3` of `PID-3`.
    private var location: [String] {
        guard let path = reject?.path else { return [] }
        let parts = path.split(separator: "-")
        let name = String(parts[0].prefix(3))
        let which = parts[0].dropFirst(4).filter(\.isNumber)
        let field = parts.count > 1 ? [String(parts[1])] : []
        return [name, which.isEmpty ? "1" : String(which)] + field
    }

    private var reject: IntakeReject? {
        switch verdict {
        case .quarantined(_, let reject), .refused(let reject): reject
        case .stored, .failed: nil
        }
    }

    /// Table 0357.
    private var condition: (String, String) {
        guard let reject else { return ("207", "Application internal error") }
        switch (reject.code, reject.path) {
        case (.unsupportedMessage, "MSH-11"): return ("202", "Unsupported processing id")
        case (.unsupportedMessage, "MSH-12"): return ("203", "Unsupported version id")
        case (.unsupportedMessage, _): return ("200", "Unsupported message type")
        case (.missingSegment, _), (.notASegment, _): return ("100", "Segment sequence error")
        case (.noPatient, _): return ("101", "Required field missing")
        case (.badMerge, _): return ("204", "Unknown key identifier")
        default: return ("102", "Data type error")
        }
    }

    /// Printed ASCII with the separators escaped: an answer says nothing that a sender's character set could garble.
    private func escaped(_ text: String) -> [UInt8] {
        let s = header.separators
        var out: [UInt8] = []
        for scalar in text.unicodeScalars {
            let byte =
                scalar.isASCII && scalar.value >= 0x20 && scalar.value < 0x7F ? UInt8(scalar.value) : 0x3F
            let name: Character? =
                switch byte {
                case s.field: "F"
                case s.component: "S"
                case s.repetition: "R"
                case s.escape: "E"
                case s.subcomponent: "T"
                default: nil
                }
            guard let name else {
                out.append(byte)
                continue
            }
            // Without an escape character nothing can be told of it.
            out += s.escape.map { [$0] + Array(String(name).utf8) + [$0] } ?? [0x3F]
        }
        return out
    }
}
