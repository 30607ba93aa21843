import Foundation
import Intake
import Projections
import Wire

@testable import Server

/// A hospital and a practice that share, a doctor at each, and one patient whom the hospital's doctor cares for.
final class SafetyStore {
    let temporary: TemporaryStore
    static let patient = "9990000018"

    init(now: String = "2018-01-01T09:00:00Z", consentModel: String = "implied") throws {
        temporary = try TemporaryStore(now: now)
        try temporary.apply(Self.region(consentModel: consentModel))
        try temporary.policy(
            #"- relationshipCreated: {id: r1, patient: "9990000018", org: RBD, kind: referral, from: 2017-12-01}"#
        )
    }

    static func region(consentModel: String) -> String {
        MainJobTests.region
            .replacing("consentModel: implied", with: "consentModel: \(consentModel)")
            .replacing("categories: [demographics, diagnoses]", with: "categories: [all]")
            .replacing(
                "agreements:",
                with: """
                    feeds:
                      - {org: RBD, maxSilence: PT2H}
                      - {org: ZZ101, maxSilence: P1D}
                    agreements:
                      - {id: A0, controller: RBD, recipients: [all], categories: [all], purposes: [direct-care], legalBasis: [{text: law}], from: 2017-10-01}
                    """
            )
            .replacing(
                "activities: [view-record, view-withheld]}",
                with: """
                    activities: [view-record, view-withheld, permission-to-view, self-claim, emergency-override]}
                      - {code: R8008, name: Administrator, categories: [demographics, encounters], activities: [view-record]}
                    """
            )
            .replacing(
                "  - {id: gp-1,",
                with: """
                      - {id: nurse-1, name: Nurse One, roles: [{org: ZZ101, code: R8000, from: 2017-10-01}]}
                      - {id: clerk-1, name: Clerk One, roles: [{org: RBD, code: R8008, from: 2017-10-01}]}
                      - {id: gp-1,
                    """)
    }

    func at(_ time: String) throws { try temporary.reopen(now: time) }

    /// The patient, as the source sends them.
    func admit(_ source: String = "RBD", _ id: String = "H1") throws {
        _ = try temporary.ingest(source, MainJobTests.patient(id), name: "\(id).json")
    }

    /// One resource of the patient's.
    func send(_ json: String, from source: String = "RBD", name: String = UUID().uuidString) throws {
        let summary = try temporary.ingest(source, json, name: name)
        guard summary.accepted == 1 else { throw SafetyProblem(description: "\(summary)") }
    }

    /// A laboratory's report with one result of patient H1, by HL7 v2: its value, and what OBX-11 says.
    func report(_ value: String, _ status: String, id: String) throws {
        let text = [
            "MSH|^~\\&|LAB|RBD|DCR|D|201801010900||ORU^R01|\(id)|P|2.4",
            "PID|||H1^^^RBD^MR||TEST^ANN||19700101",
            "OBR|1||R1|K^Potassium^L|||201801010800||||||||BLD",
            "OBX|1|NM|K^Potassium^L||\(value)|mmol/L|||||\(status)|||201801010800",
        ].joined(separator: "\r")
        try send(text, name: "\(id).hl7")
    }

    /// An Observation `o` of patient H1 with these members.
    static func observation(_ members: String, asserted: String? = nil) -> String {
        let meta = asserted.map { #""meta":{"lastUpdated":"\#($0)"},"# } ?? ""
        return #"{"resourceType":"Observation","id":"o",\#(meta)"subject":{"reference":"Patient/H1"},"#
            + #""code":{"text":"Potassium"},\#(members)}"#
    }

    /// The kinds of alerts raised so far.
    func alerts() throws -> [Alert.Kind] {
        try temporary.store.alerts(nil, asker: TemporaryStore.asker).map(\.alert.kind)
    }

    func view(_ user: String = "consultant-1", at: String? = nil) throws -> SeenView {
        try SeenView(try temporary.view(user, Self.patient, at: at))
    }
}

struct SafetyProblem: Error, CustomStringConvertible { var description: String }

/// An answer as a program and as a person reads it.
struct SeenView {
    let json: JSONCursor
    let text: String
    let answer: ReceiptedAnswer

    init(_ answer: ReceiptedAnswer) throws {
        self.answer = answer
        json = try JSONDocument(answer.json).root
        text = try AnswerText().render(answer.json)
    }

    /// The items of one type.
    func items(_ type: String) -> [JSONCursor] {
        (json["items"]?.elements ?? []).filter { $0["resource"]?["resourceType"]?.string == type }
    }

    /// The text's line about something, hanging lines joined.
    func line(_ word: String) -> String? {
        text.replacing("\n      ", with: " ").split(separator: "\n").map(String.init).first {
            $0.contains(word)
        }
    }

    /// The categories said to be absent.
    var absent: [String] { (json["absent"]?["categories"]?.elements ?? []).compactMap(\.string) }
}
