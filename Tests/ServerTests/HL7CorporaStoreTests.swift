import CareRecord
import Foundation
import Intake
import Testing
import Wire

@testable import Server

/// Every file of the corpora's HL7 v2, each as a source of its own, through the whole store.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] != nil))
struct HL7CorporaStoreTests {
    private static let folder = (ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] ?? "") + "/hl7v2-ipf"

    private static func region(_ count: Int) -> String {
        let organisations = (0..<count).map {
            "  - {ods: F\($0), name: Source \($0), kind: acute, licences: 1, charterSigned: 2017-05-01}"
        }
        let wanted = MainJobTests.region.components(separatedBy: "organisations:\n")
        return wanted[0] + "organisations:\n" + organisations.joined(separator: "\n") + "\n" + wanted[1]
    }

    @Test func everyFileIsTakenOrRefusedAndWhatIsTakenIsHeld() throws {
        let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
        #expect(files.count == 74)
        let temporary = try TemporaryStore()
        try temporary.apply(Self.region(files.count))
        var outcomes: [String: Int] = [:]
        for (number, file) in files.enumerated() {
            let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/\(file)")))
            let summary = try temporary.store.ingest(
                source: "F\(number)", inputs: [IngestInput(name: file, bytes: bytes)])
            #expect(
                summary.messages == summary.accepted + summary.quarantined && summary.messages > 0, "\(file)")
            outcomes["taken", default: 0] += summary.accepted
            guard summary.accepted > 0, let first = summary.first else { continue }
            // The message's bytes come back, and every resource is shown.
            let meta = try #require(try temporary.store.assertion(at: first))
            let record = try temporary.store.record(
                RecordRequest(patient: .subject(meta.subject), asker: TemporaryStore.asker))
            #expect(record.answer.permitted, "\(file)")
        }
        for entry in try temporary.store.openQuarantine() {
            outcomes["\(entry.entry.code) \(entry.entry.path ?? "-")", default: 0] += 1
        }
        #expect(
            outcomes == [
                "taken": 38,
                // Queries, their answers, acknowledgements, MDM: not taken yet, or never.
                "unsupported-message MSH-9": 30, "charset MSH-18": 3, "missing-segment OBX": 1,
                "no-patient PID": 1,
                "bad-merge MRG-1": 1,
            ])
    }

    @Test func aRealRecordRefusesWhatWasSentForTraining() throws {
        let intake = HL7Intake(source: "RBD", digest: { _ in [] })
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/modules__hl7__msg-01.hl7")))
        guard case .failure(let reject) = intake.message(bytes) else { throw CocoaError(.featureUnsupported) }
        #expect(reject.path == "MSH-11")
    }
}
