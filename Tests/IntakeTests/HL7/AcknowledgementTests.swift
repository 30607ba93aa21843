import CareRecord
import Intake
import Testing
import Wire

@Suite struct AcknowledgementTests {
    static let now = Instant(rfc3339: "2018-07-01T08:30:05Z")!

    static func message(_ modes: String = "", version: String = "2.5", separators: String = "|^~\\&")
        -> [UInt8]
    {
        let f = String(separators.first!)
        let rest = separators.dropFirst()
        let fields = [
            "PAS", "RBD", "DCR", "DORSET", "20180701093000", "", "ADT\(rest.first!)A01", "M1", "P", version,
            "", "",
        ]
        return Array(
            "MSH\(f)\(rest)\(f)\((fields + modes.split(separator: ",", omittingEmptySubsequences: false).map(String.init)).joined(separator: f))\rPID\r"
                .utf8)
    }

    static func answer(_ verdict: HL7Acknowledgement.Verdict, to message: [UInt8] = message()) throws
        -> String
    {
        let made = try #require(HL7Acknowledgement(to: message, verdict, controlID: "A7", now: now))
        return String(decoding: made.encoded, as: UTF8.self)
    }

    static let fault = IntakeReject(code: .noPatient, reason: "which patient & whose?", path: "PID-3")
    static let kind = IntakeReject(code: .unsupportedMessage, reason: "ZZZ is not taken", path: "MSH-9")

    @Test func senderAndReceiverSwapAndTheControlIDComesBack() throws {
        #expect(
            try Self.answer(.stored)
                == "MSH|^~\\&|DCR|DORSET|PAS|RBD|20180701083005+0000||ACK^A01^ACK|A7|P|2.5\rMSA|AA|M1\r")
    }

    @Test func aFaultNamesTheQuarantineEntryThePlaceAndTheReason() throws {
        let answer = try Self.answer(.init(Self.fault, quarantinedAs: "q17"))
        #expect(
            answer.hasSuffix(
                "MSA|AE|M1|quarantined as q17: PID-3: which patient \\T\\ whose?; a corrected message closes the entry\r"
                    + "ERR||PID^1^3|101^Required field missing^HL70357|E||||quarantined as q17: PID-3: which patient \\T\\ whose?; a corrected message closes the entry\r"
            ))
        // Before 2.5 there is no such ERR.
        let old = try Self.answer(.init(Self.fault, quarantinedAs: "q17"), to: Self.message(version: "2.3.1"))
        #expect(!old.contains("\rERR") && old.contains("MSA|AE|M1|quarantined as q17"))
    }

    @Test func aKindThatIsNotTakenIsNotToBeResentAndAFaultOfOursIs() throws {
        let refused = try Self.answer(.init(Self.kind, quarantinedAs: "q17"))
        #expect(refused.contains("MSA|AR|M1|MSH-9: ZZZ is not taken; do not resend it as it is\r"))
        #expect(refused.contains("ERR||MSH^1^9|200^Unsupported message type^HL70357|E"))
        let failed = try Self.answer(.failed(reason: "the store is full"))
        #expect(failed.contains("MSA|AR|M1|the store is full; resend it\r"))
        #expect(failed.contains("207^Application internal error"))
    }

    @Test(arguments: [("", "AA", "AE", "AR"), ("AL,NE", "CA", "CE", "CR"), (",AL", "CA", "CE", "CR")])
    func theModeGoesByMSH15AndMSH16(_ modes: String, _ stored: String, _ fault: String, _ refused: String)
        throws
    {
        let message = Self.message(modes)
        #expect(try Self.answer(.stored, to: message).contains("MSA|\(stored)|"))
        #expect(
            try Self.answer(.init(Self.fault, quarantinedAs: "q1"), to: message).contains("MSA|\(fault)|"))
        #expect(
            try Self.answer(.init(Self.kind, quarantinedAs: "q1"), to: message).contains("MSA|\(refused)|"))
    }

    @Test(arguments: [
        ("", true, true), ("AL,NE", true, true), ("NE,AL", false, false), ("ER,NE", false, true),
        ("SU,NE", true, false),
        (",AL", true, true),
    ]) func anEnhancedSenderHearsWhatItWants(_ modes: String, _ stored: Bool, _ fault: Bool) throws {
        let message = Self.message(modes)
        func wanted(_ verdict: HL7Acknowledgement.Verdict) throws -> Bool {
            try #require(HL7Acknowledgement(to: message, verdict, controlID: "A", now: Self.now)).isWanted
        }
        #expect(try wanted(.stored) == stored)
        #expect(try wanted(.failed(reason: "x")) == fault)
    }

    @Test func otherSeparatorsAndABrokenMessageAreAnsweredInKind() throws {
        let answer = try Self.answer(
            .failed(reason: "a%b$c"), to: Self.message(separators: "$%~\\&"))
        #expect(answer.hasPrefix("MSH$%~\\&$DCR$DORSET$PAS$RBD$"))
        #expect(answer.contains("MSA$AR$M1$a\\S\\b\\F\\c; resend it\r"))
        #expect(HL7Acknowledgement(to: Array("PID|1".utf8), .stored, controlID: "A", now: Self.now) == nil)
        // What cannot be read whole still has a header.
        #expect(try Self.answer(.stored, to: Self.message() + Array("\rx\r".utf8)).contains("MSA|AA|M1"))
    }

    @Test func theSameMessageGetsTheSameAnswerButForItsOwnNumberAndTime() throws {
        let first = try #require(
            HL7Acknowledgement(to: Self.message(), .stored, controlID: "A", now: Self.now))
        let again = try #require(
            HL7Acknowledgement(to: Self.message(), .stored, controlID: "A", now: Self.now))
        #expect(first.encoded == again.encoded && first == again)
    }
}
