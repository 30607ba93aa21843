import HL7
import Testing

/// Files cut into messages.
@Suite struct FileTests {
    private func messages(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return HL7File(bytes).messages.map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test func messagesFollowEachOther() {
        #expect(
            messages("MSH|^~\\&|a\rPID|1\rMSH|^~\\&|b\rPID|2\r") == [
                "MSH|^~\\&|a\rPID|1", "MSH|^~\\&|b\rPID|2",
            ])
        #expect(
            messages("MSH|^~\\&|a\r\nPID|1\r\n\r\n\r\nMSH|^~\\&|b\r\n\r\n") == [
                "MSH|^~\\&|a\r\nPID|1", "MSH|^~\\&|b",
            ])
        #expect(messages("") == [] && messages("\r\n \n") == [])
        // A segment that only begins like one.
        #expect(messages("MSH|^~\\&|a\rMSHX|1\rMSH") == ["MSH|^~\\&|a\rMSHX|1", "MSH"])
    }

    @Test func aBatchsOwnSegmentsAreNoMessages() {
        let batch =
            "FHS|^~\\&|f\rBHS|^~\\&|b\rMSH|^~\\&|1\rPID|1\rMSH|^~\\&|2\rBTS|2\rBHS|^~\\&|c\rMSH|^~\\&|3\rBTS|1\rFTS|2\r"
        #expect(messages(batch) == ["MSH|^~\\&|1\rPID|1", "MSH|^~\\&|2", "MSH|^~\\&|3"])
        #expect(messages("FHS|^~\\&|f\rFTS|0\r") == [])
    }

    @Test func framingAndMarksAreLeftOut() {
        #expect(
            messages("\u{0B}MSH|^~\\&|1\rPID|1\r\u{1C}\r\u{0B}MSH|^~\\&|2\r\u{1C}\r") == [
                "MSH|^~\\&|1\rPID|1", "MSH|^~\\&|2",
            ])
        #expect(messages("\u{0B}MSH|^~\\&|1\rPID|1\u{1C}\r") == ["MSH|^~\\&|1\rPID|1"])
        #expect(messages("\u{FEFF}MSH|^~\\&|1\r") == ["MSH|^~\\&|1"])
    }

    /// Someone has to see it, and refuse it.
    @Test func whatStandsBeforeTheFirstMessageIsOne() {
        #expect(messages("junk\rmore\r\rMSH|^~\\&|1\r") == ["junk\rmore", "MSH|^~\\&|1"])
        #expect(messages("FHS|^~\\&|f\rPID|1\rMSH|^~\\&|1") == ["PID|1", "MSH|^~\\&|1"])
    }

    @Test func itIsToldByItsBytes() {
        for text in ["MSH|^~\\&|a", "\u{FEFF}MSH|^~\\&|", "\r\n FHS|^~\\&|", "\u{0B}MSH^|", "BHS|^~\\&|"] {
            #expect(HL7File.isHL7(Array(text.utf8)), "\(text.debugDescription)")
        }
        for text in ["", "{\"resourceType\":1}", "MSHA|", "MSH", "PID|1", "xMSH|^~\\&|"] {
            #expect(!HL7File.isHL7(Array(text.utf8)), "\(text.debugDescription)")
        }
    }

    @Test func aPieceEndsBeforeTheLastMessage() {
        func boundary(_ text: String) -> Int? { HL7File.lastBoundary(Array(text.utf8)) }
        #expect(boundary("MSH|^~\\&|a\rPID|MSH|\r") == nil)
        #expect(boundary("MSH|a\rMSH|b\rPID|1") == 6)
        #expect(boundary("MSH|a\r\u{1C}\r\u{0B}MSH|b") == 9)
        #expect(boundary("MSH|a\rMSH|b\rBTS|2\rX") == 12)
        #expect(boundary("") == nil)
    }
}
