import CareRecord
import Foundation
import Testing
import Wire

@testable import Intake

@Suite struct PatientPolicyFileTests {
    func read(_ text: String, _ declared: RegionDeclaration? = nil) throws -> [PatientFact] {
        try PatientPolicyFile(Array(text.utf8), file: "p.yaml", calendar: .london, declared: declared).drafts
            .map(\.fact)
    }

    func problem(_ text: String, _ declared: RegionDeclaration? = nil) -> String {
        do {
            _ = try read(text, declared)
            return ""
        } catch { return "\(error)" }
    }

    static func example(_ name: String) throws -> [UInt8] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appendingPathComponent("samples/\(name)")))
    }

    @Test func `both example files are accepted as they stand`() throws {
        let region = try RegionFile(Self.example("dorset-2017.yaml"), file: "dorset-2017.yaml")
        #expect(region.declaration.organisations.count == 10)
        #expect(region.declaration.agreements.count == 5)
        #expect(region.declaration.users.count == 12)
        #expect(region.declaration.profiles.count == 13)
        #expect(region.declaration.settings?.overrideMay["legal"]?.count == 5)
        #expect(region.notices.count == 3)
        let policy = try PatientPolicyFile(
            Self.example("patient-policy.yaml"), file: "patient-policy.yaml", calendar: region.calendar,
            declared: region.declaration)
        #expect(policy.drafts.count == 32)
        let unused: Set<PatientFactKind> = [
            .permissionSpent, .objectionUpheld, .reviewOpened, .reviewDecided,
        ]
        #expect(Set(policy.drafts.map(\.fact.kind)) == Set(PatientFactKind.allCases).subtracting(unused))
        #expect(policy.drafts[0].line == 3)
        for draft in policy.drafts {
            #expect(try PatientFact(json: draft.fact.json()) == draft.fact)
            #expect(try PatientFact(decoding: draft.fact.encoded) == draft.fact)
        }
    }

    @Test func `the walk-through's files are accepted`() throws {
        let region = try RegionFile(Self.example("region.yaml"), file: "region.yaml")
        #expect(region.notices.isEmpty)
        let sharing = try PatientPolicyFile(
            Self.example("sharing.yaml"), file: "sharing.yaml", calendar: region.calendar,
            declared: region.declaration)
        #expect(!sharing.drafts.isEmpty)
    }

    @Test func `fields are read as what they mean`() throws {
        let facts = try read(
            """
            - relationshipCreated: {id: r, patient: "999 000 0018", org: RBD, kind: referral, from: 2018-07-01, to: 2018-07-02}
            - permissionToView: {patient: {org: RBD, id: H1}, user: u, basis: asked, for: P84D}
            - sealApplied: {patient: "9990000018", category: documents, locked: true, by: RBD, workgroup: w}
            - nhsNumberReplaced: {patient: {org: RBD, id: "H102"}, from: "9990000042", to: "9990000050"}
            - merged: {survivor: {org: RBD, id: H100}, retired: {org: RBD, id: H101}}
            - relationshipEnded: {id: r, to: 2018-07-01T10:00:00Z}
            """)
        #expect(facts[0].from == Instant(rfc3339: "2018-06-30T23:00:00Z"))
        #expect(facts[0].to == Instant(rfc3339: "2018-07-02T22:59:59.999999Z"))
        #expect(facts[0].relationship == .referral)
        #expect(facts[1].patient == .subject(SubjectID(organisation: "RBD", localID: "H1")))
        #expect(facts[1].duration == CalendarDuration("P84D"))
        #expect(facts[2].categories == CategorySet([.documents]) && facts[2].locked && facts[2].by == "RBD")
        #expect(facts[3].from == nil && facts[3].oldNumber == NHSNumber("9990000042"))
        #expect(facts[4].other == .subject(SubjectID(organisation: "RBD", localID: "H101")))
        #expect(facts[5].patient == nil && facts[5].to == Instant(rfc3339: "2018-07-01T10:00:00Z"))
    }

    @Test(arguments: [
        (#"- dissentSet: {patient: "9990000027"}"#, "[1].dissentSet.patient: 9990000027 is no NHS number"),
        (#"- dissentSet: {patient: "0000000000"}"#, "is no NHS number"),
        (#"- dissentSet: {}"#, "patient is missing"),
        (#"- dissentSett: {patient: "9990000026"}"#, "unknown key dissentSett"),
        (#"- dissentSet: {patient: "9990000026", org: RBD}"#, "unknown key org"),
        (
            #"- permissionToView: {patient: "9990000018", workgroup: w}"#,
            "name org, org and workgroup, or user"
        ),
        (#"- relationshipCreated: {patient: "9990000018", org: RBD}"#, "kind is missing"),
        (#"- relationshipCreated: {patient: "9990000018", org: RBD, kind: friend}"#, "friend is unknown"),
        (#"- relationshipEnded: {to: 2018-01-01}"#, "id is missing"),
        (#"- shieldSet: {patient: "9990000034", from: 2018-02-01, to: 2018-01-01}"#, "end before it begins"),
        (#"- shieldSet: {patient: "9990000034", for: P1D, to: 2018-01-01}"#, "to or for, not both"),
        (#"- shieldSet: {patient: "9990000034", for: 1D}"#, "1D is no duration"),
        (#"- linked: {a: "9990000018", b: {org: RBD, id: x}}"#, "name a subject"),
        (#"- linked: {a: {org: RBD, id: x}, b: {org: RBD, id: x}}"#, "same subject"),
        (
            #"- sealApplied: {patient: "9990000018", item: Condition/c1, org: RBD, category: documents}"#,
            "category, or item"
        ),
        (#"- itemLabelled: {patient: "9990000018", org: RBD, item: c1, label: PSY}"#, "c1 must be Type/id"),
        (#"- permissionSpent: {patient: "9990000018"}"#, "unknown key permissionSpent"),
        (#"- shieldSet"#, "must be a mapping"),
        (#"shieldSet: {patient: "9990000034"}"#, "must be a list"),
    ]) func `a wrong entry is named, and nothing of the file is taken`(text: String, says: String) {
        let valid = "- shieldCleared: {patient: \"9990000034\"}\n"
        #expect(problem(text.hasPrefix("-") ? valid + text : text).contains(says), "\(problem(text))")
    }

    @Test func `users and organisations unknown to the region are refused`() throws {
        let region = try RegionFile(Self.example("dorset-2017.yaml"), file: "r").declaration
        #expect(
            problem(#"- staffExcluded: {patient: "9990000018", user: nobody}"#, region).contains(
                "no user nobody"))
        #expect(
            problem(#"- relationshipCreated: {patient: "9990000018", org: XYZ, kind: referral}"#, region)
                .contains("p.yaml:1: [0].relationshipCreated.org: no organisation XYZ"))
    }
}
