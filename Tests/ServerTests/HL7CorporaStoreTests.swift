import CareRecord
import Ciphers
import EventLog
import Foundation
import Intake
import Projections
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
            try check(
                temporary.store, bytes,
                HL7Intake(
                    source: "F\(number)", acceptsTraining: true, digest: { SHA256.hash($0).bytes }), at: first
            )
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

    /// The message's bytes come back as they were sent, and each of its resources is held, byte for byte, or told to be gone.
    private func check(_ store: Store, _ bytes: [UInt8], _ intake: HL7Intake, at first: Position) throws {
        let head = try store.log.head.position.value
        var held: [[UInt8]] = []
        for place in first.value...head {
            let record = try store.log.read(at: Position(place))
            guard record.header.recordClass == .sourceUpdate,
                let body = try store.opener.open(.a, of: record.header, sealed: record.partA)
            else { continue }
            held.append(Array(body.content(of: 0)))
        }
        // All of the file but for what stands around the message, ends of lines.
        let message = try #require(held.first { bytes.firstRange(of: $0) != nil })
        let range = try #require(bytes.firstRange(of: message))
        let around = bytes[..<range.lowerBound] + bytes[range.upperBound...]
        #expect(around.allSatisfy { [0x0A, 0x0D, 0x20].contains($0) })
        let draft = try intake.message(message).get()
        let meta = try #require(try store.assertion(at: first))
        let answer = try store.record(
            RecordRequest(patient: .subject(meta.subject), asker: TemporaryStore.asker)
        ).answer
        #expect(answer.permitted)
        var wanted: [String: [UInt8]] = [:]
        for item in draft.subjects.flatMap(\.items) {
            wanted["\(item.meta.type)/\(item.meta.daybookID)"] =
                item.meta.operation == .upsert ? Array(try item.bytes(of: draft.raw)) : []
        }
        let shown = (answer.items + answer.tombstones).map { ($0.reference, Array($0.resource ?? [])) }
        #expect(Dictionary(shown) { $1 } == wanted)
    }

    @Test func aRealRecordRefusesWhatWasSentForTraining() throws {
        let intake = HL7Intake(source: "RBD", digest: { _ in [] })
        let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.folder)/modules__hl7__msg-01.hl7")))
        guard case .failure(let reject) = intake.message(bytes) else { throw CocoaError(.featureUnsupported) }
        #expect(reject.path == "MSH-11")
    }
}
