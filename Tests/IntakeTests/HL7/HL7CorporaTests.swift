import CareRecord
import Foundation
import HL7
import Intake
import Testing

/// Every ADT and ORU message of the corpora, each as a source's own: taken, or refused for a reason a person agrees with.
@Suite(.enabled(if: Corpora.folder != nil, "DAYBOOK_CORPORA is not set")) struct HL7CorporaTests {
    static func files() throws -> [(name: String, bytes: [UInt8])] {
        let folder = try #require(Corpora.folder) + "/hl7v2-ipf"
        return try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
            (name, [UInt8](try Data(contentsOf: URL(filePath: "\(folder)/\(name)"))))
        }
    }

    /// A simulated store takes training and debugging messages, as most of these are.
    static let intake = HL7Intake(source: "RBD", acceptsTraining: true, digest: IntakeFixture.digest)

    @Test func everyADTAndORUMessageIsTakenOrRefusedForAReason() throws {
        var outcomes: [String: String] = [:]
        var messages = 0
        for (name, bytes) in try Self.files() {
            for range in HL7File(bytes).messages {
                let message = Array(bytes[range])
                let type = HL7Header(of: message).map {
                    String(decoding: $0.field(9).prefix(3), as: UTF8.self)
                }
                guard type == "ADT" || type == "ORU" else { continue }
                messages += 1
                switch Self.intake.message(message, file: name) {
                case .success(let draft):
                    #expect(draft.raw == message)
                    for item in draft.items { try check(item, draft, name) }
                case .failure(let reject):
                    #expect(!reject.reason.isEmpty)
                    outcomes[name] = "\(reject.code.rawValue) \(reject.path ?? "-")"
                }
            }
        }
        #expect(messages == 44)
        #expect(outcomes == Self.refusals)
    }

    private func check(_ item: ItemDraft, _ draft: MessageDraft, _ name: String) throws {
        #expect(try ItemMeta(decoding: item.meta.encoded) == item.meta, "\(name)")
        let root = try JSONDocument(item.bytes(of: draft.raw)).root
        #expect(root["id"]?.string == item.meta.daybookID, "\(name)")
        #expect(item.meta.references.allSatisfy { $0.contains("/RBD.") }, "\(name)")
    }

    static let refusals: [String: String] = [
        // MSH-18 names character sets that nobody has: how would its letters be read?
        "modules__hl7__dsl__msg-02.hl7": "charset MSH-18",
        "modules__hl7__dsl__msg-04.hl7": "charset MSH-18",
        "modules__hl7__msg-02.hl7": "charset MSH-18",
        // A result with no OBR: what was asked for, and under which number?
        "modules__hl7__dsl__msg-08.hl7": "missing-segment OBX",
        // No PID at all: an admission of nobody.
        "platform-camel__ihe__mllp__iti8__iti8-a01-incomplete.hl7": "no-patient PID",
        // What retires has another authority than anything that survives.
        "commons__ihe__hl7v3__translation__pixfeed__v2__PIX_FEED_MERGE_Maximal_Request.hl7":
            "bad-merge MRG-1",
    ]
}
