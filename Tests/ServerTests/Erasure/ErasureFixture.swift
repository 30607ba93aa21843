import CareRecord
import EventLog
import Foundation
import Projections
import Wire

@_spi(Torture) @testable import Server

/// A store with one patient known to a practice (ZZ101:G7) and a hospital (RBD:H100), another patient beside, facts about both, quarantined
/// messages, and receipts of views.
final class ErasureFixture {
    let temporary: TemporaryStore
    var store: Store { temporary.store }

    static let number = "9990000018"
    static let other = "9990000026"

    static let region = MainJobTests.region.replacing(
        "  - {code: R8000, name:",
        with: """
              - {code: R0001, name: Privacy Officer, categories: [], activities: [view-audit, view-withheld]}
              - {code: R5105, name: Caldicott Guardian, categories: [all], activities: [view-audit, view-withheld, open-case]}
              - {code: R8000, name:
            """
    ).replacing(
        "  - {id: gp-1,",
        with: """
              - {id: privacy-1, name: Privacy, scope: region, roles: [{org: RBD, code: R0001, from: 2017-10-01}]}
              - {id: privacy-2, name: Privacy Two, scope: region, roles: [{org: RBD, code: R0001, from: 2017-10-01}]}
              - {id: guardian-1, name: Guardian, scope: region, roles: [{org: RBD, code: R5105, from: 2017-10-01}]}
              - {id: gp-1,
            """)

    /// What is the patient's alone, and must be nowhere afterwards.
    static let secrets = [
        number, "999 000 0018", "Quillfeather", "Hesperidia", "17 Larkspur Rise", "1961-07-23", "G7",
        "bronchiectasis", "c-lung", "an anxious caller", #"Quillf\u0065ather"#, #"Quill\X66\eather"#,
        "QUILLFEATHER^HESPERIDIA", "a cough, broken off", "a rash, broken off", "an itch, broken off",
        "a sneeze, broken off",
    ]

    static func patient(
        _ id: String, _ number: String, family: String, given: String, birth: String,
        address: String = "17 Larkspur Rise"
    ) -> String {
        MainJobTests.patient(id, number: number)
            .replacing(
                #""family":"Test","given":["Ann"]"#, with: #""family":"\#(family)","given":["\#(given)"]"#
            )
            .replacing(
                #""birthDate":"1970-01-01""#,
                with: #""birthDate":"\#(birth)","address":[{"line":["\#(address)"]}]"#)
    }

    static func bundle(_ resources: String...) -> String {
        let entries = resources.map { #"{"resource":\#($0),"request":{"method":"PUT","url":"x"}}"# }
        return #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#
            .replacing(
                #""request":{"method":"PUT","url":"x"}"#,
                with: #""request":{"method":"PUT","url":"Patient/x"}"#)
    }

    static let practice = [
        patient("G7", number, family: "Quillfeather", given: "Hesperidia", birth: "1961-07-23"),
        MainJobTests.condition("c-lung", patient: "G7", text: "bronchiectasis"),
    ]

    init() throws {
        temporary = try TemporaryStore()
        try temporary.apply(Self.region)
        try temporary.policy(
            """
            - relationshipCreated: {id: r1, patient: "\(Self.number)", org: RBD, kind: referral, from: 2017-12-01, evidence: "an anxious caller"}
            - relationshipCreated: {id: r2, patient: "\(Self.other)", org: RBD, kind: referral, from: 2017-12-01}
            - relationshipCreated: {id: r3, patient: "\(Self.number)", org: ZZ101, kind: registration, from: 2017-12-01}
            """)
        for (name, message) in zip(["p.json", "c.json"], Self.practice) {
            _ = try temporary.ingest("ZZ101", message, name: name)
        }
        _ = try temporary.ingest(
            "RBD",
            Self.patient(
                "H100", Self.number, family: "Quillfeather", given: "Hesperidia", birth: "1961-07-23"),
            name: "h.json")
        _ = try temporary.ingest(
            "RBD", MainJobTests.condition("c-knee", patient: "H100", text: "gonarthrosis"), name: "k.json")
        _ = try temporary.ingest(
            "ZZ101",
            Self.patient(
                "G8", Self.other, family: "Bystander", given: "Ben", birth: "1950-01-01",
                address: "2 Mill Lane"), name: "b.json")
        _ = try temporary.ingest(
            "ZZ101", MainJobTests.condition("c-foot", patient: "G8", text: "hallux valgus"), name: "f.json")
        // Quarantined: one by number, one by the source's id, one by name and birth date, one of somebody else.
        for (name, subject) in [
            (
                "q1",
                #"{"resourceType":"Observation","note":"NHS 999 000 0018","subject":{"reference":"Patient/A1"},"x":"Patient/A2"}"#
            ),
            ("q2", #"{"resourceType":"Observation","subject":{"reference":"Patient/G7"}"#),
            ("q3", #"{"resourceType":"Observation","t":"QUILLFEATHER born 1961-07-23""#),
            ("q4", #"{"resourceType":"Observation","subject":{"reference":"Patient/G8"}"#),
        ] {
            // Broken off, so that they cannot be taken.
            _ = try temporary.ingest(
                "ZZ101", name == "q1" ? String(subject.dropLast()) : subject, name: "\(name).json")
        }
        try quarantineEscaped()
        _ = try temporary.view("consultant-1", Self.number)
        _ = try temporary.view("gp-1", Self.number)
    }

    /// Six more of the patient's in quarantine, by names that are not written plainly, and one of somebody else's.
    private func quarantineEscaped() throws {
        _ = try temporary.ingest(
            "ZZ101",
            #"{"resourceType":"Patient","name":[{"family":"Quillf\u0065ather"}],"birthDate":"1961\u002d07-23","note":"a cough, broken off""#,
            name: "q5.json")
        for (name, pid) in [
            ("q6", #"PID|||||Quill\X66\eather^H||19610723||||||||||||||||||a rash, broken off"#),
            ("q7", "PID|||||QUILLFEATHER^HESPERIDIA||19610723||||||||||||||||||an itch, broken off"),
            ("q8", #"PID|||||||||||||||||||999\X30\000018|||||a sneeze, broken off"#),
            ("q9", "PID|||||BYSTANDER^BEN||19500101||||||||||||||||||somebody else's"),
        ] {
            let message =
                #"MSH|^~\&|PAS|RBD|DCR|D|20180101080000||ADT^A28|\#(name)|P|2.4"# + "\r" + pid + "\r"
            guard try temporary.ingest("RBD", message, name: "\(name).hl7").quarantined == 1 else {
                throw StoreError.usage("\(name) was taken")
            }
        }
        // HL7 within a JSON string, with its own escapes beneath those of JSON, and with another escape character.
        for (name, text) in [
            ("q10", #"MSH|^~\\&|PAS|RBD\rPID|||||Quill\\X66\\eather^H||19610723||a wheeze, broken off"#),
            ("q11", #"MSH|^~#&|PAS|RBD\rPID|||||||||||||||||||999#X30#000018|a sniffle, broken off"#),
        ] {
            let message = #"{"resourceType":"Observation","note":""# + text
            guard try temporary.ingest("ZZ101", message, name: "\(name).ndjson").quarantined == 1 else {
                throw StoreError.usage("\(name) was taken")
            }
        }
    }

    func request(
        _ patient: String, allLinked: Bool = false, confirmation: String? = nil,
        approvedBy: [String] = ["privacy-1", "guardian-1"], authority: String = "court order KB-2018-7"
    ) -> ErasureRequest {
        ErasureRequest(
            patient: PatientReference(patient)!, authority: authority, approvedBy: approvedBy,
            allLinked: allLinked, confirmation: confirmation, asker: TemporaryStore.asker)
    }

    /// Every part of every record of the log that opens with the store's keys, as text.
    func readable() throws -> [(position: Position, text: String)] {
        var out: [(Position, String)] = []
        var position = Position(1)
        while position <= store.log.headPosition {
            let record = try store.log.read(at: position)
            for part in [RecordPart.a, .b] {
                guard
                    let body = try? store.opener.open(
                        part, of: record.header, sealed: part == .a ? record.partA : record.partB)
                else { continue }
                for index in 0..<body.count {
                    out.append((position, String(decoding: body.meta(of: index), as: UTF8.self)))
                    out.append((position, String(decoding: body.content(of: index), as: UTF8.self)))
                }
            }
            position = position.next
        }
        return out
    }

    /// The secrets that somebody with every key of the store can still read in its log.
    func leaks(_ secrets: [String] = secrets) throws -> [String] {
        let texts = try readable()
        return secrets.filter { secret in texts.contains { $0.text.contains(secret) } }
    }

    /// The bytes of every file of the store.
    func files() throws -> [(name: String, bytes: Data)] {
        try FileManager.default.subpathsOfDirectory(atPath: temporary.directory).compactMap { name in
            FileManager.default.contents(atPath: temporary.directory + "/" + name).map { (name, $0) }
        }
    }

    func holds(_ bytes: [UInt8]) throws -> [String] {
        try files().filter { $0.bytes.range(of: Data(bytes)) != nil }.map(\.name)
    }
}
