import CareRecord
import Intake
import Testing
import Wire

@testable import Server

/// `region apply --dry-run`: what it says of who gains and who loses is what `view` then shows, before and after the file is applied.
@Suite struct DryRunTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// The text of the region file and what takes its place.
        var replaced: (String, String)
        /// `who +gain` and `who -loss`, sorted.
        var effects: [String]
        /// Of each user, what they no longer see, and what they see now.
        var lost: [String: [String]] = [:]
        var won: [String: [String]] = [:]
    }

    static let everyone = ["consultant-1", "clerk-1", "gp-1", "nurse-1"]
    static let practice =
        "A1, controller: ZZ101, recipients: [RBD], categories: [demographics, diagnoses, medications]"

    /// The surgery shares three categories with the hospital, and the hospital all with everybody.
    static let region = SafetyStore.region(consentModel: "implied")
        .replacing("A1, controller: ZZ101, recipients: [RBD], categories: [all]", with: practice)

    private static let surgery = ["Condition/ZZ101.c1", "MedicationStatement/ZZ101.m1", "Patient/ZZ101.G7"]
    private static let hospital = ["Condition/RBD.c2", "Patient/RBD.H1"]

    static let rows: [Row] = [
        Row(
            testDescription: "an agreement ended",
            replaced: (
                "  - {id: \(practice), purposes: [direct-care], legalBasis: [{text: law}], from: 2017-10-01, to: 2022-09-30}\n",
                ""
            ),
            effects: ["organisation RBD -ZZ101's demographics, diagnoses, medications"],
            lost: ["consultant-1": surgery, "clerk-1": ["Patient/ZZ101.G7"]]),
        Row(
            testDescription: "a category withdrawn",
            replaced: (practice, practice.replacing(", medications", with: "")),
            effects: ["organisation RBD -ZZ101's medications"],
            lost: ["consultant-1": ["MedicationStatement/ZZ101.m1"]]),
        Row(
            testDescription: "a category added",
            replaced: (practice, practice.replacing("medications", with: "medications, procedures")),
            effects: ["organisation RBD +ZZ101's procedures"],
            won: ["consultant-1": ["Procedure/ZZ101.p1"]]),
        Row(
            testDescription: "an agreement that ends sooner",
            replaced: ("to: 2022-09-30", "to: 2017-12-31"),
            effects: ["organisation RBD -ZZ101's items until 2017-12-31, before until 2022-09-30"],
            lost: ["consultant-1": surgery, "clerk-1": ["Patient/ZZ101.G7"]]),
        Row(
            testDescription: "a user's role changed",
            replaced: (
                "{id: clerk-1, name: Clerk One, roles: [{org: RBD, code: R8008,",
                "{id: clerk-1, name: Clerk One, roles: [{org: RBD, code: R8000,"
            ),
            effects: ["user clerk-1 +the role R8000 at RBD", "user clerk-1 -the role R8008 at RBD"],
            won: ["clerk-1": ["Condition/RBD.c2", "Condition/ZZ101.c1", "MedicationStatement/ZZ101.m1"]]),
        Row(
            testDescription: "a role's categories narrowed",
            replaced: ("categories: [demographics, encounters]", "categories: [encounters]"),
            effects: ["role R8008 -demographics"],
            lost: ["clerk-1": ["Patient/RBD.H1", "Patient/ZZ101.G7"]]),
        Row(
            testDescription: "a user who left, with their licence",
            replaced: (
                "  - {id: clerk-1, name: Clerk One, roles: [{org: RBD, code: R8008, from: 2017-10-01}]}\n", ""
            ),
            effects: [
                "user clerk-1 -a licence of RBD's pool", "user clerk-1 -all sight",
                "user clerk-1 -the role R8008 at RBD",
            ],
            lost: ["clerk-1": ["Patient/RBD.H1", "Patient/ZZ101.G7"]]),
        Row(
            testDescription: "a role that is another organisation's, and a licence there",
            replaced: (
                "{id: clerk-1, name: Clerk One, roles: [{org: RBD, code: R8008,",
                "{id: clerk-1, name: Clerk One, roles: [{org: ZZ101, code: R8008,"
            ),
            effects: [
                "user clerk-1 +a licence of ZZ101's pool", "user clerk-1 +the role R8008 at ZZ101",
                "user clerk-1 -a licence of RBD's pool", "user clerk-1 -the role R8008 at RBD",
            ]),
        Row(
            testDescription: "a role that begins later, and its licence",
            replaced: (
                "{id: clerk-1, name: Clerk One, roles: [{org: RBD, code: R8008, from: 2017-10-01}",
                "{id: clerk-1, name: Clerk One, roles: [{org: RBD, code: R8008, from: 2019-01-01}"
            ),
            effects: [
                "user clerk-1 -a licence of RBD's pool from 2019-01-01, before from 2017-10-01",
                "user clerk-1 -the role R8008 at RBD from 2019-01-01, before from 2017-10-01",
            ],
            lost: ["clerk-1": ["Patient/RBD.H1", "Patient/ZZ101.G7"]]),
        Row(
            testDescription: "an organisation closed, with a successor",
            replaced: (
                "kind: gp, licences: 10, charterSigned: 2017-05-01}",
                "kind: gp, licences: 10, charterSigned: 2017-05-01, closed: 2018-01-01, successors: [RBD]}"
            ),
            effects: [
                "organisation RBD +ZZ101's items that no other successor takes, as its own",
                "organisation ZZ101 -all sight",
            ],
            lost: [
                "gp-1": hospital + surgery + ["Procedure/ZZ101.p1"],
                "nurse-1": hospital + surgery + ["Procedure/ZZ101.p1"],
            ],
            won: ["consultant-1": ["Procedure/ZZ101.p1"]]),
        Row(
            testDescription: "a code excluded",
            replaced: (
                "roles:\n",
                "exclusions:\n  - {id: set, reason: r, narrative: keep, codes: [{system: \"urn:s\", values: [c2]}]}\nroles:\n"
            ),
            effects: ["everyone -items coded c2 (exclusion set set)"],
            lost: ["gp-1": ["Condition/RBD.c2"], "nurse-1": ["Condition/RBD.c2"]]),
    ]

    @Test(arguments: rows) func whatItSaysIsWhatViewThenShows(_ row: Row) throws {
        let store = try SafetyStore()
        try apply(Self.region, to: store)
        try fill(store)
        let changed = Self.region.replacing(row.replaced.0, with: row.replaced.1)
        #expect(changed != Self.region, "the file is not changed")
        let file = try RegionFile(Array(changed.utf8), file: "region.yaml")
        let before = try sights(store)
        let head = try store.temporary.store.log.head.position
        let dry = try store.temporary.store.applyRegion(
            file, fileName: "region.yaml", dryRun: true, asker: TemporaryStore.asker)
        #expect(try dry.appended == nil && store.temporary.store.log.head.position == head)
        let told = dry.effects.flatMap { effect in
            effect.gains.map { "\(effect.who) +\($0)" } + effect.loses.map { "\(effect.who) -\($0)" }
        }
        #expect(told.sorted() == row.effects)
        #expect(try sights(store) == before, "a dry run changes nobody's sight")
        try apply(changed, to: store)
        let after = try sights(store)
        for user in Self.everyone {
            let (old, new) = (before[user] ?? [], after[user] ?? [])
            #expect(old.subtracting(new).sorted() == (row.lost[user] ?? []).sorted(), "\(user) lost")
            #expect(new.subtracting(old).sorted() == (row.won[user] ?? []).sorted(), "\(user) won")
        }
    }

    private func apply(_ region: String, to store: SafetyStore) throws {
        _ = try store.temporary.store.applyRegion(
            RegionFile(Array(region.utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: "gp-1", asker: TemporaryStore.asker)
    }

    /// A condition of each, and of the surgery's a medication and a procedure, which is not shared.
    private func fill(_ store: SafetyStore) throws {
        try store.admit()
        try store.admit("ZZ101", "G7")
        try store.send(
            MainJobTests.condition("c2", patient: "H1", text: "gout").replacing(
                #"{"text":"gout"}"#, with: #"{"text":"gout","coding":[{"system":"urn:s","code":"c2"}]}"#))
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "asthma"), from: "ZZ101")
        for (type, id) in [("MedicationStatement", "m1"), ("Procedure", "p1")] {
            try store.send(
                MainJobTests.condition(id, patient: "G7", text: "x").replacing("Condition", with: type),
                from: "ZZ101")
        }
        try store.temporary.policy(
            #"- relationshipCreated: {patient: "9990000018", org: ZZ101, kind: registration}"#)
    }

    private func sights(_ store: SafetyStore) throws -> [String: Set<String>] {
        var out: [String: Set<String>] = [:]
        for user in Self.everyone {
            out[user] = Set(try store.view(user).answer.answer.items.map(\.reference))
        }
        return out
    }
}
