import Intake
import Testing
import Wire

@testable import Server

/// DOMAIN, "Clinical safety", a sentence a test: what is stale, absent, or another person's.
@Suite struct ClinicalSafetyTests {
    static let patient = SafetyStore.patient

    @Test(
        """
        Stale. `view` carries "sources":[{"source","status":"live|late|down|never|no-agreement","last"}], the same list \
        for every patient.
        """)
    func sourcesCarryTheirStatus() throws {
        let store = try SafetyStore()
        try store.admit()
        let known = try store.view()
        try store.temporary.policy(
            #"- relationshipCreated: {patient: "9990000026", org: RBD, kind: referral}"#)
        let cases = [
            ("2018-01-01T10:00:00Z", "live", "never"), ("2018-01-01T12:00:00Z", "late", "never"),
            ("2018-01-01T16:00:00Z", "down", "never"),
        ]
        for (time, hospital, surgery) in cases {
            try store.at(time)
            let seen = try store.view()
            let statuses = (seen.json["sources"]?.elements ?? []).map {
                "\($0["source"]?.string ?? "") \($0["status"]?.string ?? "")"
            }
            #expect(statuses == ["RBD \(hospital)", "ZZ101 \(surgery)"], "\(time)")
            #expect(seen.json["sources"]?[0]?["last"]?.string == known.json["sources"]?[0]?["last"]?.string)
            let other = try SeenView(try store.temporary.view("consultant-1", "9990000026"))
            #expect(other.json["sources"]?.raw == seen.json["sources"]?.raw)
        }
        let shared = SafetyStore.region(consentModel: "implied").split(separator: "\n")
        try store.temporary.apply(shared.filter { !$0.contains("{id: A1,") }.joined(separator: "\n"))
        let seen = try store.view()
        #expect(seen.json["sources"]?[1]?["source"]?.string == "ZZ101")
        #expect(seen.json["sources"]?[1]?["status"]?.string == "no-agreement")
    }

    @Test("Stale. A silent feed is never 'no results'.")
    func aSilentFeedIsSaid() throws {
        let store = try SafetyStore()
        try store.admit()
        #expect(!(try store.view().text.contains("RBD is")))
        try store.at("2018-01-02T09:00:00Z")
        let text = try store.view().text
        #expect(
            text.contains(
                "NOT UP TO DATE: RBD is down, ZZ101 has never sent anything. What they hold may be missing"))
        #expect(!text.lowercased().contains("no results"))
    }

    @Test("Absent. 'No known allergies' only if a source asserts it; else 'none received'.")
    func absenceIsStated() throws {
        let store = try SafetyStore()
        try store.admit()
        let before = try store.view()
        #expect(
            before.text.contains(
                "ALLERGIES\n  None received that may be shown. This does not mean that there are none."))
        #expect(!before.text.contains("No known allergies"))
        #expect(before.absent.contains("allergies"))
        #expect(before.json["absent"]?["means"]?.string?.hasPrefix("none received") == true)
        try store.send(
            #"{"resourceType":"AllergyIntolerance","id":"a","patient":{"reference":"Patient/H1"},"code":{"coding":[{"system":"http://snomed.info/sct","code":"716186003","display":"No known allergies"}]}}"#
        )
        let after = try store.view()
        #expect(after.text.contains("ALLERGIES\n  No known allergies"))
        #expect(!after.absent.contains("allergies"))
    }

    @Test("Absent. What is withheld and what was never sent are one list, within the role's categories.")
    func absenceDoesNotTellWithheldFromAbsent() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.admit("ZZ101", "G7")
        let nothingHeld = try store.view().json["absent"]?.raw
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "asthma"), from: "ZZ101")
        #expect(try store.view().json["absent"]?.raw != nothingHeld)
        try store.temporary.policy(#"- dissentSet: {patient: "9990000018", reason: asked}"#)
        #expect(try store.view().json["absent"]?.raw == nothingHeld)
        let clerk = try store.view("clerk-1")
        #expect(clerk.absent == ["encounters"])
        #expect(!clerk.text.contains("ALLERGIES"))
    }

    @Test(
        """
        Wrong patient. Automatic links need the same verified NHS number, the same date of birth, and given and family \
        name that agree (twins); else review.
        """,
        arguments: [
            ("same", #""family":"Test","given":["Ann"]"#, "1970-01-01", true, true),
            ("a letter differs", #""family":"Testt","given":["Ann"]"#, "1970-01-01", true, true),
            ("a twin", #""family":"Test","given":["Beatrice"]"#, "1970-01-01", true, false),
            ("another family", #""family":"Quux","given":["Ann"]"#, "1970-01-01", true, false),
            ("another birth date", #""family":"Test","given":["Ann"]"#, "1970-01-02", true, false),
            ("not verified", #""family":"Test","given":["Ann"]"#, "1970-01-01", false, false),
        ])
    func automaticLinks(what: String, name: String, born: String, verified: Bool, isLinked: Bool) throws {
        let store = try SafetyStore()
        try store.admit()
        let second = MainJobTests.patient("G7", verified: verified)
            .replacing(#""family":"Test","given":["Ann"]"#, with: name).replacing("1970-01-01", with: born)
        try store.send(second, from: "ZZ101")
        let seen = try store.view()
        #expect(seen.items("Patient").count == (isLinked ? 2 : 1), "\(what)")
        #expect(seen.json["apart"]?.int == (isLinked ? nil : 1), "\(what)")
    }

    @Test("Wrong patient. Views show 'identity changed' for 28 days.")
    func identityChangedShowsFor28Days() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.admit("ZZ101", "G7")
        // The 28th day after 1 January is the 29th, to its end.
        for (time, isShown) in [
            ("2018-01-01T10:00:00Z", true), ("2018-01-29T23:59:59Z", true), ("2018-01-30T00:00:00Z", false),
            ("2018-06-01T00:00:00Z", false),
        ] {
            try store.at(time)
            let seen = try store.view()
            #expect((seen.json["identityChanged"] != nil) == isShown, "\(time)")
            #expect(seen.text.contains("IDENTITY CHANGED in the last 28 days") == isShown, "\(time)")
        }
        // As of then it is said again, and parting is a change too.
        #expect(try store.view(at: "2018-01-15").json["identityChanged"] != nil)
        try store.temporary.policy(
            #"- unlinked: {a: {org: RBD, id: "H1"}, b: {org: ZZ101, id: "G7"}, reason: "two people"}"#)
        #expect(try store.view().json["identityChanged"] != nil)
    }

    @Test("Wrong patient. An unlink raises an alert.", arguments: ["unlinked", "mergeReversed"])
    func anUnlinkRaisesAnAlert(how: String) throws {
        let store = try SafetyStore()
        try store.admit()
        try store.admit("ZZ101", "G7")
        let pair = how == "unlinked" ? ("a", "b") : ("survivor", "retired")
        if how == "mergeReversed" {
            try store.temporary.policy(
                #"- merged: {survivor: {org: RBD, id: "H1"}, retired: {org: ZZ101, id: "G7"}}"#)
        }
        #expect(try store.alerts().isEmpty)
        try store.temporary.policy(
            "- \(how): {\(pair.0): {org: RBD, id: \"H1\"}, \(pair.1): {org: ZZ101, id: \"G7\"}, reason: \"two\"}"
        )
        #expect(try store.alerts() == [.unlinked])
    }
}
