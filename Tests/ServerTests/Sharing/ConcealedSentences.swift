import CareRecord
import Intake
import Projections
import Testing
import Wire

@testable import Server

/// DOMAIN, "Who may see what, at T": what a store tells of what is sealed, excluded or shielded, to whom, and under a case.
@Suite struct ConcealedSentences {
    static let patient = SafetyStore.patient

    /// The hospital's doctor may open seals, its clerk may not; a guardian sees where shielded patients are, and opens cases.
    static let region = SafetyStore.region(consentModel: "implied")
        .replacing("emergency-override]}", with: "emergency-override, open-seal]}")
        .replacing(
            "  - {code: R8008,",
            with: """
                  - {code: R5105, name: Caldicott Guardian, categories: [all], activities: [view-record, view-audit, open-case, view-shielded]}
                  - {code: R8008,
                """
        )
        .replacing(
            "  - {id: gp-1,",
            with: """
                  - {id: guardian, name: Guardian, scope: region, roles: [{org: RBD, code: R5105, from: 2017-10-01}]}
                  - {id: gp-1,
                """)

    /// Both sources hold an encounter, the surgery's one for a reason that a code tells.
    func store(_ more: String = "") throws -> SafetyStore {
        let store = try SafetyStore()
        _ = try store.temporary.store.applyRegion(
            RegionFile(Array((Self.region + more).utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: "gp-1", asker: TemporaryStore.asker)
        try store.admit()
        try store.admit("ZZ101", "G7")
        try store.send(encounter("e1", "H1", reason: "1"))
        try store.send(encounter("e2", "G7", reason: "86406008"), from: "ZZ101")
        return store
    }

    private func encounter(_ id: String, _ patient: String, reason: String) -> String {
        #"{"resourceType":"Encounter","id":"\#(id)","status":"finished","class":{"code":"IMP"},"#
            + #""subject":{"reference":"Patient/\#(patient)"},"#
            + #""reasonCode":[{"coding":[{"system":"http://snomed.info/sct","code":"\#(reason)"}]}]}"#
    }

    /// What hides the surgery's encounter, and what each of a doctor who may open seals, and a clerk who may not, is told of it.
    struct Hiding: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var fact: String?
        var region = ""
        /// The source told beside "sealed item", and the rule of what is counted as withheld.
        var told: [String]
        var underCase: [String]
        /// Where the whole view is refused: what is told, and what is so.
        var refusal: (told: String, underCase: String)?

        static let all = [
            Hiding(
                testDescription: "an open seal", fact: seal(locked: false), told: ["sealed ZZ101", "seal"],
                underCase: ["sealed ZZ101", "seal"]),
            Hiding(
                testDescription: "a locked seal", fact: seal(locked: true), told: [], underCase: ["seal"]),
            Hiding(
                testDescription: "an exclusion set",
                region: """

                    exclusions:
                      - {id: set-1, reason: sensitive, narrative: keep, codes: [{system: "http://snomed.info/sct", values: ["86406008"]}]}
                    """, told: [], underCase: ["exclusion-set"]),
            Hiding(
                testDescription: "a staff exclusion",
                fact: #"- staffExcluded: {patient: "9990000018", user: USER, reason: asked}"#, told: [],
                underCase: [], refusal: ("unknown-patient", "staff-exclusion")),
        ]

        static func seal(locked: Bool) -> String {
            #"- sealApplied: {id: s, patient: "9990000018", by: ZZ101, org: ZZ101, item: "Encounter/e2", locked: \#(locked), reason: asked}"#
        }
    }

    @Test(
        "An open seal shows \"sealed item, source\" to roles with open-seal; a locked seal, an exclusion set or a staff exclusion shows nothing to anyone but its author's workgroup and a case. Role by role, and under a case.",
        arguments: Hiding.all, ["consultant-1", "clerk-1"])
    func whatIsToldOfWhatIsHidden(_ hiding: Hiding, user: String) throws {
        let store = try store(hiding.region)
        if let fact = hiding.fact { try store.temporary.policy(fact.replacing("USER", with: user)) }
        let mayOpenSeals = user == "consultant-1"
        // Their own access: a doctor is told of open seals, by source; a clerk of nothing.
        let own = try store.view(user)
        #expect(shown(own) == (hiding.refusal == nil ? ["Encounter/RBD.e1"] : []))
        #expect(told(own) == (mayOpenSeals ? hiding.told : []))
        #expect(own.answer.answer.rule == hiding.refusal?.told ?? "relationship")
        // What the guardian is told of it, without a case and under one.
        try store.at("2018-01-01T13:00:00Z")
        try store.temporary.policy(
            #"- caseOpened: {id: C-1, patient: "9990000018", reason: complaint, authority: guardian, for: P1D}"#
        )
        let without = try asked(store, user, nil)
        #expect(told(without) == (mayOpenSeals ? hiding.told : []))
        #expect(without.answer.answer.rule == hiding.refusal?.told ?? "relationship")
        let under = try asked(store, user, "C-1")
        #expect(shown(under) == shown(own))
        #expect(told(under) == hiding.underCase.filter { mayOpenSeals || $0 != "sealed ZZ101" })
        #expect(under.answer.answer.rule == hiding.refusal?.underCase ?? "relationship")
        // Its author sees what it sealed.
        guard hiding.fact?.contains("sealApplied") ?? false else { return }
        try store.temporary.policy(
            #"- relationshipCreated: {id: r2, patient: "9990000018", org: ZZ101, kind: registration}"#)
        #expect(try shown(store.view("gp-1")).contains("Encounter/ZZ101.e2"))
    }

    private func asked(_ store: SafetyStore, _ user: String, _ reference: String?) throws -> SeenView {
        try SeenView(
            try store.temporary.store.view(
                ViewRequest(
                    user: user, patient: PatientReference(Self.patient)!, at: When("2018-01-01T12:00:00Z"),
                    caseReference: reference, asker: Asker(systemUser: "tester", user: "guardian"))))
    }

    /// The encounters in an answer.
    private func shown(_ seen: SeenView) -> [String] {
        seen.answer.answer.items.map(\.reference).filter { $0.hasPrefix("Encounter/") }
    }

    /// Of encounters: each source of a sealed item, and each rule that what is withheld is counted under.
    private func told(_ seen: SeenView) -> [String] {
        (seen.json["sealed"]?.elements ?? []).map {
            $0["item"]?.string == "sealed item" ? "sealed \($0["source"]?.string ?? "")" : "?"
        }
            + (seen.json["withheld"]?.elements ?? []).filter { $0["category"]?.string == "encounters" }
            .map { $0["rule"]?.string ?? "" }
    }

    @Test("view-shielded (B1611) sees location, and alerts. By the store.")
    func whoSeesWhereAShieldedPatientIsRaisesAnAlert() throws {
        let store = try store()
        _ = try store.view("guardian")
        #expect(try store.alerts().isEmpty)
        try store.temporary.policy(#"- shieldSet: {patient: "9990000018", reason: protected}"#)
        // Who sees no location raises nothing.
        #expect(try store.view("consultant-1").json["shield"]?.string == "location-withheld")
        #expect(try store.alerts().isEmpty)
        #expect(try store.view("guardian").json["shield"]?.string == "location-shown")
        #expect(try store.alerts() == [.shieldedAccess])
        let raised = try #require(try store.temporary.store.alerts(nil, asker: TemporaryStore.asker).first)
        #expect(raised.alert.user == "guardian")
        // Each access does; what somebody could have seen is no access.
        _ = try store.view("guardian", at: "2018-01-01T12:00:00Z")
        #expect(try store.alerts() == [.shieldedAccess])
        _ = try store.view("guardian")
        #expect(try store.alerts() == [.shieldedAccess, .shieldedAccess])
    }
}
