import CareRecord
import Intake
import Testing

/// Who a message is about, and who it says is whom.
@Suite struct HL7IdentityTests {
    typealias F = HL7Fixture

    static func subject(_ id: String) -> SubjectID { SubjectID(organisation: "RBD", localID: id) }

    @Test(arguments: [
        ("H100^^^RBD^MR", "H100"), ("9990000018^^^NHS^NH~H100^^^RBD^MR", "H100"), ("H100", "H100"),
        ("A1^^^RBD^AN~H100^^^RBD^MR", "H100"), ("P1^^^RBD^PI~H100^^^RBD^MR", "H100"),
        ("H100^^^OTHER^MR", "OTHER:H100"), ("H100^^^&1.2.3&ISO^MR", "1.2.3:H100"),
        ("9990000018^^^NHS^NH", "9990000018"),
    ]) func thePatientGoesByTheSourcesOwnNumber(_ list: String, _ expected: String) throws {
        #expect(
            try F.draft(F.adt("A28", pid: F.pid([3: list]), pv1: nil)).meta.subject == Self.subject(expected))
    }

    @Test func furtherRecordNumbersAreTheSamePatients() throws {
        let draft = try F.draft(
            F.adt("A28", pid: F.pid([3: "H100^^^RBD^MR~H7^^^RBD^MR~S1^^^RBD^SS"]), pv1: nil))
        #expect(draft.meta.patient?.localIdentifiers == ["H7"])
    }

    @Test(arguments: [("NSTS01", true), ("NSTS02", false), ("", false)])
    func aNumberIsVerifiedByPID32(_ status: String, _ verified: Bool) throws {
        let draft = try F.draft(
            F.adt("A28", pid: F.pid([3: "H100^^^RBD^MR~999 000 0018^^^NHS^NH", 32: status]), pv1: nil))
        #expect(draft.meta.patient?.numbers == [.init(NHSNumber("9990000018")!, verified: verified)])
    }

    @Test func aWrongNumberIsKeptAsTextAndAssertsNothing() throws {
        let draft = try F.draft(F.adt("A28", pid: F.pid([3: "H100^^^RBD^MR~1234567890^^^NHS^NH"]), pv1: nil))
        #expect(draft.meta.patient?.numbers == [])
        #expect(try draft.content("Patient").contains(#""value":"1234567890""#))
    }

    @Test func aMergeNamesWhoSurvivesAndWhoRetires() throws {
        let draft = try F.draft(F.message("ADT^A40", [F.pid(), "MRG|H200^^^RBD^MR"]))
        #expect(draft.items.isEmpty && draft.namesTwo)
        #expect(draft.events == [.merged(survivor: Self.subject("H100"), retired: Self.subject("H200"))])
        #expect(draft.others == [Self.subject("H200")])
    }

    @Test func onlyAnIdentifierOfTheSameKindRetires() throws {
        let other = try F.reject(F.message("ADT^A40", [F.pid(), "MRG|H200^^^RBD^PI"]))
        #expect(other.code == .badMerge && other.path == "MRG-1")
        let bare = try F.draft(F.message("ADT^A40", [F.pid(), "MRG|H200"]))
        #expect(bare.events == [.merged(survivor: Self.subject("H100"), retired: Self.subject("H200"))])
        let same = try F.reject(F.message("ADT^A40", [F.pid(), "MRG|H100^^^RBD^MR"]))
        #expect(same.code == .badMerge)
        let none = try F.reject(F.message("ADT^A40", [F.pid()]))
        #expect(none.code == .missingSegment && none.path == "MRG")
    }

    @Test func aMotherAndHerBabyAreNeverJoined() throws {
        let baby = F.pid([3: "B1^^^RBD^MR", 7: "20180201", 21: "H200^^^RBD^MR"])
        let merge = try F.draft(F.message("ADT^A40", [baby, "MRG|H200^^^RBD^MR"]))
        #expect(merge.events == [.review(.motherAndBaby, Self.subject("B1"), Self.subject("H200"))])
        let link = try F.draft(F.message("ADT^A24", [F.pid([3: "H200^^^RBD^MR"]), baby]))
        #expect(link.events == [.review(.motherAndBaby, Self.subject("H200"), Self.subject("B1"))])
        let unsaid = try F.draft(
            F.message("ADT^A24", [F.pid([3: "H200^^^RBD^MR"]), F.pid([3: "B1^^^RBD^MR", 7: "20180201"])]))
        #expect(unsaid.events == [.review(.birthDatesDiffer, Self.subject("H200"), Self.subject("B1"))])
    }

    @Test func aLinkAndAnUnlinkNameTwo() throws {
        let pids = [F.pid(), F.pid([3: "H200^^^RBD^MR"])]
        #expect(
            try F.draft(F.message("ADT^A24", pids)).events == [
                .linked(Self.subject("H100"), Self.subject("H200"), otherBorn: "1970-01-01")
            ])
        let born = [F.pid([7: ""]), F.pid([3: "H200^^^RBD^MR", 7: "20180201"])]
        #expect(
            try F.draft(F.message("ADT^A24", born)).events == [
                .linked(Self.subject("H100"), Self.subject("H200"), otherBorn: "2018-02-01")
            ])
        #expect(
            try F.draft(F.message("ADT^A37", pids)).events == [
                .unlinked(Self.subject("H100"), Self.subject("H200"))
            ])
        #expect(try F.reject(F.message("ADT^A24", [F.pid()])).code == .badMerge)
        #expect(try F.reject(F.message("ADT^A24", [F.pid(), F.pid()])).code == .badMerge)
    }

    @Test func aMessageAboutTwoPatientsIsRefused() throws {
        let reject = try F.reject(F.adt("A08", [F.pid([3: "H200^^^RBD^MR"])]))
        #expect(reject.code == .twoPatients && reject.path == "PID[2]-3")
    }

    @Test func whatIsNotTakenIsRefusedWhereItSaysSo() throws {
        #expect(try F.reject(F.message("ADT^A17", [F.pid()])).path == "MSH-9")
        #expect(try F.reject(F.message("SIU^S12", [F.pid()])).code == .unsupportedMessage)
        #expect(try F.reject(F.adt("A01", pv1: nil)).path == "PV1")
        #expect(try F.reject(F.message("ADT^A28", ["EVN|A28"])).code == .noPatient)
        #expect(try F.reject(F.message("ADT^A28", [F.pid([3: ""])])).path == "PID-3")
        #expect(try F.reject(F.message("ADT^A28", at: "yesterday", [F.pid()])).path == "MSH-7")
        func refused(_ processing: String, _ version: String) throws -> IntakeReject {
            try F.reject(
                Array("MSH|^~\\&|P|R|||20180201||ADT^A28|1|\(processing)|\(version)\r\(F.pid())\r".utf8))
        }
        #expect(try refused("T", "2.4").path == "MSH-11")
        #expect(try refused("P", "3.0").path == "MSH-12")
        let training = HL7Intake(source: "RBD", acceptsTraining: true, digest: IntakeFixture.digest)
        let message = Array("MSH|^~\\&|P|R|||20180201||ADT^A28|1|T|2.4\r\(F.pid())\r".utf8)
        #expect((try? training.message(message).get()) != nil)
    }

    @Test func anEndlessNameIsRefusedAndAnEndlessKeyIsCut() throws {
        let long = String(repeating: "x", count: 40_000)
        #expect(try F.reject(F.adt("A28", pid: F.pid([5: long]), pv1: nil)).code == .tooLarge)
        let obr = F.segment("OBR", [3: String(repeating: "7", count: 2_000), 4: "T^t^L", 25: "F"])
        let draft = try F.draft(F.message("ORU^R01", [F.pid(), obr, ORUTests.obx("NM", "A^a^L", "1", "F")]))
        #expect(
            draft.items.allSatisfy {
                $0.meta.sourceID.utf8.count <= 400 && $0.meta.daybookID.utf8.count <= 64
            })
    }
}
