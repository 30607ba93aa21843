import CareRecord
import Testing
import Wire

@testable import Intake

@Suite struct RegionFileTests {
    func read(_ text: String) throws -> RegionFile { try RegionFile(Array(text.utf8), file: "r.yaml") }

    func problems(_ text: String) -> [String] {
        do {
            _ = try read(text)
            return []
        } catch { return (error as? PolicyFileError)?.problems.map(\.description) ?? ["\(error)"] }
    }

    static let small = """
        region: Small
        organisations:
          - {ods: RBD, name: Hospital, kind: acute, licences: 2, charterSigned: 2017-05-01, privacyOfficer: p}
          - {ods: "809", name: Council, kind: local-authority, licences: 1}
        roles:
          - {code: R8000, name: Clinician, categories: [all], labels: [PSY], activities: [view-record]}
        users:
          - {id: p, name: P, roles: [{org: RBD, code: R8000, from: 2017-10-01}]}
        agreements:
          - {id: A, controller: RBD, recipients: ["809"], categories: [documents], purposes: [direct-care], to: 2018-06-30}
        """

    @Test func `a small file is read, with defaults that narrow`() throws {
        let file = try read(Self.small)
        let settings = try #require(file.declaration.settings)
        #expect(settings.consentModel == .permissionToView)
        #expect(settings.timeZone == "Europe/London")
        #expect(settings.overrideMay.isEmpty)
        #expect(file.declaration.pools == ["RBD": 2, "809": 1])
        #expect(file.declaration.charters == ["RBD": Instant(rfc3339: "2017-04-30T23:00:00Z")!])
        #expect(file.declaration.agreements["A"]?.to == Instant(rfc3339: "2018-06-30T22:59:59.999999Z")!)
        #expect(file.declaration.profiles.keys.map(\.id) == ["RBD/R8000"])
        #expect(file.declaration.licences.values.first?.from == Instant(rfc3339: "2017-09-30T23:00:00Z")!)
        #expect(file.notices.isEmpty)
    }

    @Test(arguments: [
        ("kind: acute", "kind: acute, colour: red", 3, "organisations[0]: unknown key colour"),
        ("kind: acute", "kind: accute", 3, "organisations[0].kind: accute is unknown"),
        ("name: Hospital, ", "", 3, "organisations[0]: name is missing"),
        ("licences: 2", "licences: two", 3, "organisations[0].licences: must be a whole number"),
        ("licences: 2", "licences: 0", 8, "users: 1 users of RBD need a licence and its pool has 0"),
        ("2017-05-01", "2017-02-30", 3, "organisations[0].charterSigned: 2017-02-30 is no date"),
        ("privacyOfficer: p", "privacyOfficer: q", 3, "organisations[0].privacyOfficer: no user q is listed"),
        ("{org: RBD, code", "{org: RXX, code", 8, "users[0].roles[0].org: no organisation RXX is listed"),
        ("code: R8000, from", "code: R9, from", 8, "users[0].roles[0].code: no role R9 is listed"),
        ("[documents]", "[documants]", 10, "agreements[0].categories[0]: no category documants"),
        ("[documents]", "documents", 10, "agreements[0].categories: must be a list"),
        ("[\"809\"]", "[\"809\", \"809\"]", 10, "agreements[0].recipients[1]: 809 is given twice"),
        ("controller: RBD", "controller: X1", 10, "agreements[0].controller: no organisation X1 is listed"),
        (
            "to: 2018-06-30", "from: 2018-07-01, to: 2018-06-30", 10,
            "agreements[0].to: the agreement would end"
        ),
        ("region: Small", "region: ~", 1, "region: must be a text, not nothing"),
        ("region: Small", "region: Small\nregion: Big", 1, "the key region is given twice"),
        (
            "region: Small", "region: Small\ntimeZone: Mars/Base", 2,
            "timeZone: Mars/Base is no IANA time zone"
        ),
        (
            "region: Small", "region: Small\npermissionToViewPeriod: 84", 2,
            "permissionToViewPeriod: 84 is no duration"
        ),
        (
            "region: Small", "region: Small\noverrideMay: {emergency: [agreement]}", 2,
            "nothing passes agreement"
        ),
        (
            "region: Small", "region: Small\nidentityRule: {number: any}", 2,
            "identityRule.number: any would link"
        ),
        ("region: Small", "region: [Small", 2, "not YAML"),
        ("region: Small", "- Small", 2, "not YAML"),
        ("{ods: \"809\"", "{ods: RBD", 4, "organisations[1].ods: organisation RBD is listed twice"),
        (
            "{id: p, name: P, roles: [", "{id: p, name: P, roles: [{org: RBD, code: R8000}, ", 8,
            "two role profiles"
        ),
        ("kind: acute", "kind: acute, closed: 2020-10-01, successors: [R0D]", 3, "names successor R0D"),
    ]) func `what is wrong is named with file, line and field`(
        find: String, put: String, line: Int, says: String
    ) {
        let text = Self.small.replacing(find, with: put, maxReplacements: 1)
        #expect(text != Self.small)
        let found = problems(text)
        #expect(found.contains { $0.hasPrefix("r.yaml:\(line): ") && $0.contains(says) }, "\(found)")
    }

    @Test func `every problem is named, in the order of lines`() {
        let text = Self.small.replacing("acute", with: "x").replacing("[documents]", with: "[y]")
        #expect(problems(text).count == 2)
        #expect(problems(text).first?.hasPrefix("r.yaml:3: ") == true)
    }

    @Test func `hostile files end in a problem, not in a crash`() {
        #expect(problems("") == ["r.yaml:1: the file is empty"])
        #expect(!problems(String(repeating: "[", count: 200_000)).isEmpty)
        #expect(!problems(String(repeating: "{a: ", count: 200_000)).isEmpty)
        #expect(!problems(String(repeating: "- ", count: 200_000)).isEmpty)
        var bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<30 {
            bomb +=
                "a\(level): &a\(level) [\(Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ","))]\n"
        }
        #expect(problems(bomb).first?.contains("aliases are not read") == true)
        #expect(problems("region: a\n---\nregion: b\n").first?.contains("not YAML") == true)
        do {
            _ = try RegionFile([0xFF, 0xFE, 0x00], file: "r.yaml")
            Issue.record("taken")
        } catch { #expect(error.problems.first?.message.contains("UTF-8") == true) }
    }

    @Test func `the same file again gives no facts`() throws {
        let file = try read(Self.small)
        let first = file.facts(after: RegionDeclaration())
        #expect(first.map(\.kind).prefix(3) == [.settings, .organisationOnboarded, .organisationOnboarded])
        var declared = RegionDeclaration()
        for fact in first { declared.apply(try RegionFact(json: fact.json())) }
        #expect(declared == file.declaration)
        #expect(file.facts(after: declared).isEmpty)
    }

    @Test func `what is new is signed, what changed is amended, what is gone is ended`() throws {
        let before = try read(Self.small).declaration
        func facts(_ text: String) throws -> [String] {
            try read(text).facts(after: before).map { "\($0.kind.rawValue) \($0.summary.id)" }
        }
        #expect(
            try facts(Self.small.replacing("to: 2018-06-30", with: "to: 2018-07-31")) == [
                "agreementAmended A"
            ])
        #expect(
            try facts(Self.small.replacing("{id: A,", with: "{id: B,")) == [
                "agreementSigned B", "agreementEnded A",
            ])
        #expect(
            try facts(Self.small.replacing("to: 2018-06-30", with: "to: 2018-06-30, suspended: true"))
                == ["agreementSuspended A"])
        #expect(try facts(Self.small.replacing("consentModel", with: "")) == [])
        #expect(try facts(Self.small + "\nconsentModel: implied") == ["settings Small"])
        #expect(
            try facts(
                Self.small.replacing(
                    "kind: acute,", with: "kind: acute, closed: 2020-10-01, successors: [\"809\"],"))
                == ["organisationClosed RBD"])
        #expect(
            try facts(Self.small.replacing("from: 2017-10-01", with: "from: 2017-11-01"))
                == ["licenceAssigned p RBD", "roleProfileAssigned p RBD/R8000"])
        #expect(
            try facts(
                Self.small.replacing(
                    "  - {id: p, name: P, roles: [{org: RBD, code: R8000, from: 2017-10-01}]}", with: "  []"
                )
                .replacing(", privacyOfficer: p", with: ""))
                == [
                    "organisationChanged RBD", "roleProfileRevoked p RBD/R8000", "licenceReleased p RBD",
                    "userLeft p",
                ])
    }
}
