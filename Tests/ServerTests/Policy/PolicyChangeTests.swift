import CareRecord
import Intake
import Testing
import Wire

@testable import Server

/// Each kind of change in a region file: whom a dry run says it opens more to, and to whom less, there and back; and that what opens
/// more to anybody waits for a second person, and what only closes does not.
@Suite struct PolicyChangeTests {
    struct Change: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var old: String
        var new: String
        /// `who what`; on the way back the one is the other.
        var gains: [String] = []
        var loses: [String] = []
        /// Where the way back is told in other words.
        var gainsBack: [String]?
        /// The kinds of facts that wait for approval, there and back.
        var widens: [RegionFact.Kind] = []
        var widensBack: [RegionFact.Kind] = []
    }

    private static let locum =
        "  - {code: R9000, name: Locum, categories: [diagnoses], activities: [view-record]}\n"

    static let region =
        DryRunTests.region.replacing("\nroles:\n", with: "\nroles:\n" + locum) + """

            exclusions:
              - {id: set, reason: r, narrative: keep, codes: [{system: "urn:s", values: [c9]}]}
              - {id: other, reason: r, narrative: keep, codes: [{system: "urn:s", values: [c7]}]}
            sensitivities:
              - {label: PSY, codes: [{system: "urn:s", values: [p1]}]}
              - {label: SEX, codes: [{system: "urn:s", values: [s1]}]}
            clients:
              - {id: app, name: App, org: RBD, scopes: [user/*.rs]}
              - {id: pilot, name: Pilot, org: RBD, scopes: [user/Patient.rs]}

            """

    static let shared = "ZZ101's demographics, diagnoses, medications"

    static let changes = [
        Change(
            testDescription: "an agreement suspended", old: "to: 2022-09-30}",
            new: "to: 2022-09-30, suspended: true}", loses: ["organisation RBD \(shared)"],
            widensBack: [.agreementResumed]),
        Change(
            testDescription: "an agreement with everybody", old: "controller: ZZ101, recipients: [RBD]",
            new: "controller: ZZ101, recipients: [all]", gains: ["every organisation \(shared)"],
            loses: ["organisation RBD \(shared)"], widens: [.agreementAmended],
            widensBack: [.agreementAmended]),
        Change(
            testDescription: "a charter ended", old: "kind: gp, licences: 10, charterSigned: 2017-05-01}",
            new: "kind: gp, licences: 10}", loses: ["organisation ZZ101 what agreements share with it"],
            widensBack: [.charterSigned]),
        Change(
            testDescription: "a partner that is a commissioner now", old: "kind: acute",
            new: "kind: commissioner",
            loses: ["organisation RBD what agreements share with all: a commissioner is not among them"],
            widensBack: [.organisationChanged]),
        Change(
            testDescription: "the consent model", old: "consentModel: implied",
            new: "consentModel: permission-to-view",
            loses: ["everyone what only a patient's permission opened"], widensBack: [.settings]),
        Change(
            testDescription: "what an override passes", old: "{emergency: [relationship, permission]}",
            new: "{emergency: [relationship]}",
            loses: ["whoever declares an override (emergency) what permission withholds"],
            widensBack: [.settings]),
        Change(
            testDescription: "a role's label", old: "name: Clinical Practitioner, categories: [all],",
            new: "name: Clinical Practitioner, categories: [all], labels: [PSY],",
            gains: ["role R8000 label PSY"],
            widens: [.roleBaseline]),
        Change(
            testDescription: "a role's activity",
            old: "categories: [demographics, encounters], activities: [view-record]",
            new: "categories: [demographics, encounters], activities: [view-record, find-patient]",
            gains: ["role R8008 to find-patient"], widens: [.roleBaseline]),
        Change(
            testDescription: "narrative withheld", old: "{id: set, reason: r, narrative: keep",
            new: "{id: set, reason: r, narrative: withhold",
            loses: ["everyone narrative of other organisations' items (exclusion set set)"],
            widensBack: [.exclusionSetPublished]),
        Change(
            testDescription: "a code excluded", old: "values: [c9]", new: "values: [c9, c8]",
            loses: ["everyone items coded c8 (exclusion set set)"], widensBack: [.exclusionSetPublished]),
        Change(
            testDescription: "an exclusion set ended",
            old: "  - {id: other, reason: r, narrative: keep, codes: [{system: \"urn:s\", values: [c7]}]}\n",
            new: "",
            gains: ["everyone items coded c7 (exclusion set other)"], widens: [.exclusionSetEnded]),
        Change(
            testDescription: "a code labelled", old: "values: [p1]", new: "values: [p1, p2]",
            loses: ["everyone items coded p2 (label PSY)"], widensBack: [.sensitivityPublished]),
        Change(
            testDescription: "a label ended",
            old: "  - {label: SEX, codes: [{system: \"urn:s\", values: [s1]}]}\n",
            new: "", gains: ["everyone items coded s1 (label SEX)"], widens: [.sensitivityEnded]),
        Change(
            testDescription: "a reviewer's scope", old: "{id: nurse-1, name: Nurse One,",
            new: "{id: nurse-1, name: Nurse One, scope: region,",
            gains: ["user nurse-1 accesses by users, and to items, of every organisation"],
            widens: [.userChanged]),
        Change(
            testDescription: "a client's scopes", old: "scopes: [user/*.rs]",
            new: "scopes: [user/*.rs, user/Patient.c]", gains: ["client app user/Patient.c"],
            // Who registers a program anew is asked again, whatever changed.
            widens: [.clientRegistered], widensBack: [.clientRegistered]),
        Change(
            testDescription: "a client ended",
            old: "  - {id: pilot, name: Pilot, org: RBD, scopes: [user/Patient.rs]}\n", new: "",
            loses: ["client pilot user/Patient.rs"], widensBack: [.clientRegistered]),
        Change(
            testDescription: "a role withdrawn", old: locum, new: "",
            loses: ["role R9000 diagnoses", "role R9000 to view-record"], widensBack: [.roleBaseline]),
        // A longer period opens more, a shorter one is asked about too: what has no end of its own hangs on it.
        Change(
            testDescription: "how long a permission lasts", old: "permissionToViewPeriod: P84D",
            new: "permissionToViewPeriod: P7D",
            loses: [
                "whoever has a permission a permission without an end of its own for P7D, before for P84D"
            ],
            gainsBack: [
                "whoever has a permission a permission without an end of its own for P84D, before for P7D"
            ],
            widens: [.settings], widensBack: [.settings]),
        Change(
            testDescription: "grace", old: "relationshipGracePeriod: P42D",
            new: "relationshipGracePeriod: P1M",
            loses: [
                "whoever had a relationship after a feed's end of it, or death, for P1M, before for P42D"
            ],
            gainsBack: [
                "whoever had a relationship after a feed's end of it, or death, for P42D, before for P1M"
            ],
            widens: [.settings], widensBack: [.settings]),
        Change(
            testDescription: "how long an override lasts", old: "overridePeriod: PT1H",
            new: "overridePeriod: PT30M",
            loses: [
                "whoever declares an override an override without an end of its own for PT30M, before for PT1H"
            ],
            gainsBack: [
                "whoever declares an override an override without an end of its own for PT1H, before for PT30M"
            ],
            widens: [.settings], widensBack: [.settings]),
        Change(
            testDescription: "names that must be equal", old: "familyName: similar", new: "familyName: equal",
            loses: ["everyone records that the identity rule linked so far: what comes from now on"],
            gainsBack: ["everyone records that the new identity rule links"],
            widens: [.settings], widensBack: [.settings]),
        Change(
            testDescription: "a number that names nobody", old: "placeholderNumbers: []",
            new: "placeholderNumbers: [\"9990000018\"]", loses: ["everyone records that 9990000018 linked"],
            gainsBack: ["everyone records that 9990000018 links"], widensBack: [.settings]),
        // What moves nobody's sight is neither told nor asked about.
        Change(
            testDescription: "a pool", old: "ods: RBD, name: Hospital, kind: acute, licences: 10",
            new: "ods: RBD, name: Hospital, kind: acute, licences: 12"),
        Change(testDescription: "a name", old: "name: Surgery", new: "name: Surgery and Branch"),
        Change(testDescription: "a feed's silence", old: "maxSilence: PT2H", new: "maxSilence: PT4H"),
    ]

    @Test(arguments: changes) func isToldAndWaitsForApprovalWhereItWidens(_ change: Change) throws {
        let changed = Self.region.replacing(change.old, with: change.new)
        #expect(changed != Self.region, "the file is not changed")
        let store = try TemporaryStore()
        try store.apply(Self.region)
        try check(store, changed, gains: change.gains, loses: change.loses, widens: change.widens)
        try check(
            store, Self.region, gains: change.gainsBack ?? change.loses, loses: change.gains,
            widens: change.widensBack)
    }

    private func check(
        _ store: TemporaryStore, _ yaml: String, gains: [String], loses: [String], widens: [RegionFact.Kind]
    ) throws {
        let file = try RegionFile(Array(yaml.utf8), file: "region.yaml")
        let dry = try store.store.applyRegion(
            file, fileName: "region.yaml", dryRun: true, asker: TemporaryStore.asker)
        #expect(!dry.facts.isEmpty && dry.appended == nil)
        #expect(
            dry.effects.flatMap { effect in effect.gains.map { "\(effect.who) \($0)" } }.sorted() == gains)
        #expect(
            dry.effects.flatMap { effect in effect.loses.map { "\(effect.who) \($0)" } }.sorted() == loses)
        #expect(dry.widening.map(\.kind) == widens)
        let alone = Result { () throws(StoreError) in
            try store.store.applyRegion(file, fileName: "region.yaml", asker: TemporaryStore.asker)
        }
        switch alone {
        case .success(let outcome): #expect(widens.isEmpty && outcome.appended != nil)
        case .failure(let error):
            #expect(!widens.isEmpty && "\(error)".contains("widens access"), "\(error)")
            let both = try store.store.applyRegion(
                file, fileName: "region.yaml", approvedBy: "gp-1", asker: TemporaryStore.asker)
            #expect(both.appended != nil)
        }
    }
}
