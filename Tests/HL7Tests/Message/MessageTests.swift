import HL7
import Testing

/// What stands where: segments, fields, and the parts of fields.
@Suite struct MessageTests {
    static func message(_ text: String) throws -> HL7Message { try HL7Message(Array(text.utf8)) }

    static let head = #"MSH|^~\&|LAB|RBD|||20180201093000||ORU^R01^ORU_R01|M1|P|2.4"#

    @Test func fieldsCountAsTheStandardCounts() throws {
        let m = try Self.message(
            Self.head + "\rPID|1||H100^^^RBD^MR~9990000018^^^NHS^NH||Test^Ann\rZU1|x||y\r")
        #expect(m.segments.map(\.name) == ["MSH", "PID", "ZU1"])
        #expect(m.header.field(1).string == "|" && m.header.field(2).string == #"^~\&"#)
        #expect(m.header.field(3).string == "LAB" && m.header.field(10).string == "M1")
        #expect(m.header.field(9).component(2).string == "R01" && m.header.field(12).string == "2.4")
        #expect(m.header.field(18).isAbsent && m.header.lastField == 12)
        let pid = try #require(m.first("PID"))
        #expect(pid.field(1).string == "1" && pid.field(2).isAbsent && pid.lastField == 5)
        #expect(pid.field(3).repetitions.map { $0.component(1).string } == ["H100", "9990000018"])
        #expect(pid.field(3).component(5).string == "MR" && pid.field(3).component(6).isAbsent)
        #expect(pid.field(40).isAbsent && pid.field(40).repetitions.isEmpty)
        // Segments of no standard are kept like any other.
        let z = try #require(m.first("ZU1"))
        #expect((1...3).map { z.field($0).string } == ["x", "", "y"])
    }

    @Test func aPartStandsForItsFirstPart() throws {
        let m = try Self.message(Self.head + "\rPID|||a&b^c~d|plain")
        let field = m.segment(1).field(3)
        #expect(field.component(1).string == "a&b" && field.component(2).string == "c")
        #expect(field.subcomponent(1).string == "a" && field.component(1).subcomponent(2).string == "b")
        #expect(
            field.component(2).subcomponent(1).string == "c" && field.component(2).subcomponent(2).isAbsent)
        #expect(field.repetitions[1].component(1).subcomponent(1).string == "d")
        #expect(field.components.map(\.string) == ["a&b", "c"])
        let plain = m.segment(1).field(4)
        #expect(plain.component(1).subcomponent(1).string == "plain" && plain.component(2).isAbsent)
        // Asked again of a part, the first part is itself.
        #expect(field.component(2).component(1).string == "c" && field.component(2).component(2).isAbsent)
    }

    @Test func nullIsNotAbsent() throws {
        let m = try Self.message(Self.head + #"\#rPID|""||""^x|"|"#)
        let pid = m.segment(1)
        #expect(
            pid.field(1).isNull && !pid.field(1).isAbsent && !pid.field(1).isValued
                && pid.field(1).string == "")
        #expect(pid.field(2).isAbsent && !pid.field(2).isNull)
        #expect(pid.field(3).component(1).isNull && pid.field(3).component(2).isValued)
        #expect(pid.field(4).isValued && pid.field(4).string == "\"")
    }

    @Test(arguments: ["\r", "\n", "\r\n", "\r\r", "\n\r\n", "\r \t\r"])
    func anyLineEndEndsASegment(_ end: String) throws {
        for tail in ["", end] {
            let m = try Self.message(Self.head + end + "PID|1" + end + "PV1|2||x" + tail)
            #expect(m.segments.map(\.name) == ["MSH", "PID", "PV1"], "\(end.debugDescription)")
            #expect(m.segment(1).field(1).string == "1" && m.segment(2).field(3).string == "x")
            #expect(m.segment(2).bytes.elementsEqual("PV1|2||x".utf8))
        }
    }

    @Test func separatorsAreTheMessagesOwn() throws {
        let m = try Self.message("MSH*:;/!*LAB\rPID*a|^b*c:d!e;f/T/g")
        #expect(
            m.separators
                == HL7Separators(
                    field: 0x2A, component: 0x3A, repetition: 0x3B, escape: 0x2F, subcomponent: 0x21))
        #expect(m.segment(1).field(1).string == "a|^b")
        #expect(m.segment(1).field(2).component(2).subcomponent(2).string == "e")
        #expect(m.segment(1).field(2).repetitions[1].string == "f!g")
    }

    @Test func fewSeparatorsTakeLittleApart() throws {
        let m = try Self.message("MSH|^|LAB\rPID|a~b^c&d\\T\\")
        #expect(m.segment(1).field(1).repetitions.count == 1)
        #expect(m.segment(1).field(1).component(2).subcomponent(1).string == "c&d\\T\\")
        #expect(m.segment(1).field(1).component(2).subcomponent(2).isAbsent)
        // Version 2.7's fifth character takes nothing apart.
        #expect(try Self.message(#"MSH|^~\&#|LAB"# + "\rPID|a#b").segment(1).field(1).string == "a#b")
    }

    @Test func aByteOrderMarkIsPassedOver() throws {
        let m = try HL7Message([0xEF, 0xBB, 0xBF] + Array((Self.head + "\rPID|1").utf8))
        #expect(m.segment(0).offset == 3 && m.header.field(3).string == "LAB" && m.segmentCount == 2)
    }

    @Test func placesAreNamedAsPeopleNameThem() throws {
        let m = try Self.message(Self.head + "\rOBX|1\rNTE|1\rOBX|2")
        #expect(m.segments.map { $0.path() } == ["MSH", "OBX", "NTE", "OBX[2]"])
        #expect(m.segment(3).path(field: 5) == "OBX[2]-5")
    }

    @Test func faultsNameSegmentFieldAndByte() {
        func fault(_ text: String, _ limits: HL7Limits = .standard) -> String {
            do throws(HL7Error) {
                _ = try HL7Message(Array(text.utf8), limits: limits)
                return "none"
            } catch { return "\(error.code.rawValue) \(error.path ?? "-") \(error.offset)" }
        }
        #expect(fault("") == "empty - 0")
        #expect(fault("PID|1") == "not-a-message - 0")
        #expect(fault("MSH") == "not-a-message - 0")
        #expect(fault("MSHX|^~") == "not-a-message - 0")
        #expect(fault("BHS|^~\\&|x") == "not-a-message - 0")
        #expect(fault("MSH||x") == "separators MSH-2 4")
        #expect(fault("MSH|^^\\&|x") == "separators MSH-2 4")
        #expect(fault("MSH|^~\\&#*|x") == "separators MSH-2 4")
        #expect(fault("MSH|^~\\&|x\rPID|1\rand more text") == "not-a-segment PID 17")
        #expect(fault("MSH|^~\\&|x\rPI|1") == "not-a-segment MSH 11")
        #expect(fault("MSH|^~\\&|x\rPID^1") == "not-a-segment MSH 11")
        #expect(fault("MSH|^~\\&|x\rpid|1") == "not-a-segment MSH 11")
        let small = HL7Limits(messageBytes: 60, segments: 3, fields: 5, fieldBytes: 20, parts: 4)
        #expect(fault("MSH|^~\\&|x\rA01\rA02", small) == "none")
        #expect(fault("MSH|^~\\&|x\rA01\rA02\rA03", small) == "too-many-segments - 19")
        #expect(fault("MSH|^~\\&|x\rA01|1|2|3|4|5", small) == "none")
        #expect(fault("MSH|^~\\&|x\rA01\rA01|1|2|3|4|5|6", small) == "too-many-fields A01[2] 15")
        #expect(fault("MSH|^~\\&|x\rA01|a|b~b~b~b", small) == "none")
        #expect(fault("MSH|^~\\&|x\rA01|a|b~b~b~b~b", small) == "too-many-parts A01-2 17")
        #expect(fault("MSH|^~\\&|x\rA01|a^a^a^a^a", small) == "too-many-parts A01-1 15")
        #expect(fault("MSH|^~\\&|x\rA01|&&&&", small) == "too-many-parts A01-1 15")
        #expect(fault("MSH|^~\\&|x\rA01|" + String(repeating: "x", count: 20), small) == "none")
        #expect(fault("MSH|^~\\&|x\rA01|" + String(repeating: "x", count: 21), small) == "too-large A01-1 15")
        #expect(fault("MSH|^~\\&|x|" + String(repeating: "x", count: 21), small) == "too-large MSH-4 11")
        #expect(fault(String(repeating: "x", count: 61), small) == "too-large - 60")
    }

    @Test func theHeaderIsReadOfWhatCannotBeReadWhole() throws {
        let broken = Array("\u{FEFF}MSH|^~\\&|LAB|RBD|||2018||ORU^R01|M1|P|2.4\rbroken".utf8)
        #expect(throws: HL7Error.self) { try HL7Message(broken) }
        let header = try #require(HL7Header(of: broken))
        #expect(header.field(3).elementsEqual("LAB".utf8) && header.field(10).elementsEqual("M1".utf8))
        #expect(header.field(12).elementsEqual("2.4".utf8) && header.field(18).isEmpty)
        #expect(HL7Header(of: Array("MSH||".utf8)) == nil && HL7Header(of: []) == nil)
        #expect(HL7Header(of: Array("BHS|^~\\&|x".utf8)) == nil)
    }
}
