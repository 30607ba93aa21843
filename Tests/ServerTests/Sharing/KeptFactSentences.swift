import CareRecord
import Intake
import Testing
import Wire

@testable import Server

/// DOMAIN, "Who may see what, at T": what is kept until it binds, who holds a licence, and who is never linked.
@Suite struct KeptFactSentences {
    static let patient = SafetyStore.patient

    /// A fact said before what it is about was ever seen, and what it then does to the view.
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fact: String
        /// The references shown once all has come.
        var shown: [String]

        init(_ description: String, _ fact: String, _ shown: String...) {
            (testDescription, self.fact, self.shown) = (description, fact, shown)
        }
    }

    @Test(
        "A fact about a number or item not yet seen is kept, and binds when it appears.",
        arguments: [
            Row(
                "nothing said: all is shown", "", "Patient/RBD.H1", "Patient/ZZ101.G7", "Condition/RBD.c1",
                "Condition/ZZ101.c1"),
            Row(
                "a dissent by number", #"- dissentSet: {patient: "9990000018", reason: asked}"#,
                "Patient/RBD.H1", "Condition/RBD.c1"),
            Row(
                "a dissent by a local id", #"- dissentSet: {patient: {org: ZZ101, id: G7}, reason: asked}"#,
                "Patient/RBD.H1", "Condition/RBD.c1"),
            Row(
                "a seal of an item",
                #"- sealApplied: {id: s, patient: "9990000018", by: ZZ101, org: ZZ101, item: "Condition/c1", locked: true, reason: asked}"#,
                "Patient/RBD.H1", "Patient/ZZ101.G7", "Condition/RBD.c1"),
            Row(
                "a label of an item",
                #"- itemLabelled: {patient: "9990000018", org: RBD, item: "Condition/c1", label: PSY}"#,
                "Patient/RBD.H1", "Patient/ZZ101.G7", "Condition/ZZ101.c1"),
            Row(
                "an exclusion of staff by number",
                #"- staffExcluded: {patient: "9990000018", user: consultant-1, reason: asked}"#),
        ])
    func aFactIsKeptUntilItBinds(_ row: Row) throws {
        // The relationship too names a number that nobody bears yet.
        let store = try SafetyStore()
        if !row.fact.isEmpty { try store.temporary.policy(row.fact) }
        #expect(try !store.view().answer.answer.permitted)
        try store.at("2018-01-03T09:00:00Z")
        try store.admit()
        try store.admit("ZZ101", "G7")
        try store.send(MainJobTests.condition("c1", patient: "H1", text: "asthma"))
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "gout"), from: "ZZ101")
        let seen = try store.view().answer.answer
        #expect(seen.items.map(\.reference) == row.shown)
        #expect(seen.permitted == !row.shown.isEmpty)
    }

    @Test(
        "A fact about a number or item not yet seen is kept, and binds when it appears: on a patient who gets the number."
    )
    func aNumberThatIsGotLater() throws {
        let store = try SafetyStore()
        try store.temporary.policy(#"- dissentSet: {patient: "9990000026", reason: asked}"#)
        try store.admit()
        try store.send(MainJobTests.patient("G7", number: "9990000018"), from: "ZZ101")
        #expect(try store.view().items("Patient").count == 2)
        // The practice says a second number of theirs: whoever bears it has dissented.
        let both = MainJobTests.patient("G7").replacing(
            #""identifier":["#,
            with: #""identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000026"},"#)
        try store.send(both, from: "ZZ101")
        #expect(try store.view().items("Patient").count == 1)
    }

    @Test(
        "Every user listed in a region file holds a licence of their organisation's pool from their role's start; a list longer than its pool is an error.",
        arguments: [
            ("2018-05-31T22:59:59.999999Z", "withhold licence"),
            ("2018-05-31T23:00:00Z", "permit relationship"),
        ])
    func everyUserHoldsALicence(time: String, expected: String) throws {
        let region = SafetyStore.region(consentModel: "implied").replacing(
            "{id: consultant-1, name: Consultant One, roles: [{org: RBD, code: R8000, from: 2017-10-01}]}",
            with:
                "{id: consultant-1, name: Consultant One, roles: [{org: RBD, code: R8000, from: 2018-06-01}]}"
        )
        let starting = try SafetyStore()
        try starting.temporary.apply(region)
        try starting.admit()
        try starting.at("2018-07-01T09:00:00Z")
        let answer = try starting.temporary.view("consultant-1", Self.patient, at: time, role: "RBD/R8000")
            .answer
        #expect("\(answer.permitted ? "permit" : "withhold") \(answer.rule)" == expected)
    }

    @Test(
        "Every user listed … holds a licence: a list longer than its pool is an error.",
        arguments: [(3, true), (2, true), (1, false), (0, false)])
    func aListLongerThanItsPoolIsAnError(pool: Int, isTaken: Bool) throws {
        // Two of the hospital's are listed: the consultant and the clerk.
        let region = SafetyStore.region(consentModel: "implied").replacing(
            "kind: acute, licences: 10", with: "kind: acute, licences: \(pool)")
        do {
            _ = try RegionFile(Array(region.utf8), file: "region.yaml")
            #expect(isTaken)
        } catch {
            #expect(!isTaken && "\(error)".contains("2 users of RBD need a licence and its pool has \(pool)"))
        }
    }

    @Test(
        "People. Without an NHS number a patient is `ODS:LOCALID`, never linked on demographics alone.",
        arguments: [nil, "9990000026", "0000000000"] as [String?])
    func neverLinkedOnDemographicsAlone(theirs: String?) throws {
        let store = try SafetyStore()
        func patient(_ id: String, _ number: String?) -> String {
            let said = MainJobTests.patient(id, number: number ?? "").replacing(
                #""birthDate""#,
                with: #""address":[{"line":["1 High Street"],"postalCode":"BH15 2AA"}],"birthDate""#)
            return number == nil
                ? said.replacing(#/"identifier":\[.*?\],"name"/#, with: #""name""#) : said
        }
        try store.send(patient("H1", nil))
        try store.send(patient("G7", theirs), from: "ZZ101")
        for (name, other) in [("RBD:H1", "ZZ101:G7"), ("ZZ101:G7", "RBD:H1")] {
            let record = try store.temporary.store.record(
                RecordRequest(patient: PatientReference(name)!, asker: TemporaryStore.asker))
            let shown = Set(record.answer.items.map(\.reference))
            #expect(shown == ["Patient/\(name.replacing(":", with: "."))"], "\(name) \(other)")
        }
        try store.temporary.policy(
            #"- relationshipCreated: {patient: {org: RBD, id: H1}, org: RBD, kind: referral}"#)
        let seen = try store.temporary.view("consultant-1", "RBD:H1").answer
        #expect(seen.permitted && seen.items.map(\.reference) == ["Patient/RBD.H1"])
        #expect(try store.temporary.store.identityReviews(TemporaryStore.asker).isEmpty)
    }
}
