import CareRecord
import Intake
import Projections
import Testing
import Wire

@testable import Server

/// DOMAIN, "Who may see what, at T": auditors and privacy officers, and what every view says of what is withheld.
@Suite struct AuditSentences {
    static let patient = SafetyStore.patient

    static let region = SafetyStore.region(consentModel: "implied")
        .replacing(
            "  - {code: R8008,",
            with: """
                  - {code: R0001, name: Privacy Officer, categories: [], activities: [view-audit, view-withheld]}
                  - {code: R5105, name: Caldicott Guardian, categories: [all], activities: [view-audit, open-case]}
                  - {code: R8008,
                """
        )
        .replacing(
            "  - {id: gp-1,",
            with: """
                  - {id: privacy-h, name: Of the hospital, roles: [{org: RBD, code: R0001, from: 2017-10-01}]}
                  - {id: privacy-s, name: Of the surgery, roles: [{org: ZZ101, code: R0001, from: 2017-10-01}]}
                  - {id: privacy-r, name: Of the region, scope: region, roles: [{org: ZZ101, code: R0001, from: 2017-10-01}]}
                  - {id: guardian, name: Guardian, scope: region, roles: [{org: RBD, code: R5105, from: 2017-10-01}]}
                  - {id: gp-1,
                """)

    /// Both sources hold something; the hospital's consultant saw both, its clerk nothing of the surgery's, the surgery's
    /// doctor their own.
    func looked() throws -> SafetyStore {
        let store = try SafetyStore()
        _ = try store.temporary.store.applyRegion(
            RegionFile(Array(Self.region.utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: "gp-1", asker: TemporaryStore.asker)
        try store.admit()
        try store.admit("ZZ101", "G7")
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "asthma"), from: "ZZ101")
        try store.temporary.policy(
            #"- relationshipCreated: {id: r2, patient: "9990000018", org: ZZ101, kind: registration}"#)
        return store
    }

    func asker(_ user: String) -> Asker { Asker(systemUser: "tester", user: user) }

    @Test("Auditors see accesses, not records.")
    func auditorsSeeAccesses() throws {
        let store = try looked()
        _ = try store.view()
        let auditor = asker("privacy-r")
        let own = try store.temporary.view("privacy-r", Self.patient).answer
        #expect(!own.permitted && own.rule == "activity" && own.items.isEmpty)
        #expect(throws: StoreError.self) {
            try store.temporary.store.record(
                RecordRequest(patient: PatientReference(Self.patient)!, asker: auditor))
        }
        let trail = try store.temporary.store.accesses(TrailRequest(asker: auditor))
        #expect(trail.contains { $0.receipt.viewer?.user == "consultant-1" })
        // And only they do.
        #expect(throws: StoreError.self) {
            try store.temporary.store.accesses(TrailRequest(asker: asker("consultant-1")))
        }
    }

    @Test("Audit is content-free by default: category, source, times, rule.")
    func auditIsFreeOfContent() throws {
        let store = try looked()
        let position = try store.view().answer.receiptPosition
        let seen = try sight(store, asker("privacy-r"))
        let items = seen.json["items"]?.elements ?? []
        #expect(items.count == 3)
        for item in items {
            for member in ["category", "source", "recorded", "rule"] {
                #expect(item[member] != nil, "\(member)")
            }
            #expect(item["item"]?.string ?? "" == "" && item["resource"] == nil)
        }
        #expect(seen.text.contains("its content not shown"))
        let access = try store.temporary.store.access(at: position, asker: asker("privacy-r"))
        #expect(access.receipt.shown == 3 && access.receipt.sources == ["RBD", "ZZ101"])
        for word in ["asthma", "TEST", "Ann", "1970"] {
            #expect(
                !seen.text.contains(word) && !String(decoding: seen.answer.json, as: UTF8.self).contains(word)
            )
        }
    }

    private func sight(
        _ store: SafetyStore, _ asker: Asker, of user: String = "consultant-1", caseReference: String? = nil
    ) throws -> SeenView {
        try SeenView(
            try store.temporary.store.view(
                ViewRequest(
                    user: user, patient: PatientReference(Self.patient)!,
                    at: When("2018-01-01T12:00:00Z"), caseReference: caseReference, asker: asker)))
    }

    @Test(
        """
        Content needs an open case (`CaseOpened`: reference, patient, reason, the Caldicott Guardian's authority, expiry) or \
        the asker's own right: `record`, `view --as`.
        """)
    func contentNeedsACase() throws {
        let store = try looked()
        try store.at("2018-01-01T13:00:00Z")
        func open(_ id: String, patient: String = Self.patient, _ more: String) throws {
            try store.temporary.policy(
                "- caseOpened: {id: \(id), patient: \"\(patient)\", reason: complaint, \(more)}")
        }
        // Reason, authority and expiry are asked for.
        for missing in [
            #"- caseOpened: {id: C, patient: "9990000018", authority: guardian, for: P30D}"#,
            #"- caseOpened: {id: C, patient: "9990000018", reason: complaint, for: P30D}"#,
            #"- caseOpened: {id: C, patient: "9990000018", reason: complaint, authority: guardian}"#,
        ] {
            #expect(throws: (any Error).self, "\(missing)") { try store.temporary.policy(missing) }
        }
        try open("C-1", "authority: guardian, for: P1D")
        try open("C-2", patient: "9990000026", "authority: guardian, for: P1D")
        let privacy = asker("privacy-r")
        #expect(try sight(store, privacy, caseReference: "C-1").text.contains("asthma"))
        let record = try store.temporary.store.record(
            RecordRequest(
                patient: PatientReference(Self.patient)!, caseReference: "C-1", asker: privacy))
        #expect(record.answer.items.count == 3)
        // Another's case, none, one that is over; and a clinician's own right is to their own sight.
        for reference in ["C-2", "C-3"] {
            #expect(throws: StoreError.self) { try sight(store, privacy, caseReference: reference) }
        }
        #expect(try sight(store, asker("consultant-1")).text.contains("asthma"))
        #expect(throws: StoreError.self) { try sight(store, asker("gp-1")) }
        try store.at("2018-01-03T00:00:00Z")
        #expect(throws: StoreError.self) { try sight(store, privacy, caseReference: "C-1") }
    }

    @Test(
        "Privacy officers see accesses by their own organisation's users and to its items, unless `scope: region`.",
        arguments: [
            ("privacy-h", ["clerk-1 RBD", "consultant-1 RBD ZZ101", "gp-1 RBD ZZ101"]),
            ("privacy-s", ["consultant-1 RBD ZZ101", "gp-1 RBD ZZ101", "nurse-1 "]),
            ("privacy-r", ["clerk-1 RBD", "consultant-1 RBD ZZ101", "gp-1 RBD ZZ101", "nurse-1 "]),
        ])
    func privacyOfficersReach(officer: String, expected: [String]) throws {
        let store = try looked()
        _ = try store.view("consultant-1")
        _ = try store.view("gp-1")
        try store.temporary.policy(#"- dissentSet: {patient: "9990000018", reason: asked}"#)
        _ = try store.view("clerk-1")
        try store.temporary.policy(#"- relationshipEnded: {id: r2, patient: "9990000018"}"#)
        _ = try store.view("nurse-1")
        let found = try store.temporary.store.accesses(TrailRequest(asker: asker(officer)))
        let views = found.filter { $0.receipt.question == .view }.map {
            "\($0.receipt.viewer?.user ?? "") \($0.receipt.sources.joined(separator: " "))"
        }
        #expect(views.sorted() == expected)
        // One by one too.
        for position in try store.temporary.store.accesses(TrailRequest(asker: asker("privacy-r"))).filter({
            $0.receipt.question == .view
        }).map(\.position) {
            let isSeen = found.contains { $0.position == position }
            let shown = try? store.temporary.store.access(at: position, asker: asker(officer))
            #expect((shown != nil) == isSeen)
        }
    }

    @Test(
        "What is shown of what is withheld. Every view says \"Some information may not be shown\".",
        arguments: ["consultant-1", "gp-1", "clerk-1", "nobody"])
    func everyViewSaysSo(user: String) throws {
        let store = try looked()
        for number in [Self.patient, "9990000026"] {
            let seen = try SeenView(try store.temporary.view(user, number))
            #expect(seen.json["notice"]?.string == "Some information may not be shown")
            #expect(seen.text.contains("Some information may not be shown"))
        }
    }

    @Test(
        "Category, count and rule go only to roles with `view-withheld`.",
        arguments: [("consultant-1", true), ("clerk-1", false)])
    func onlyRolesWithViewWithheldAreTold(user: String, isTold: Bool) throws {
        let store = try looked()
        try store.temporary.policy(#"- dissentSet: {patient: "9990000018", reason: asked}"#)
        let seen = try store.view(user)
        let told = (seen.json["withheld"]?.elements ?? []).map {
            "\($0["count"]?.int ?? 0) \($0["category"]?.string ?? "") \($0["rule"]?.string ?? "")"
        }
        #expect(told == (isTold ? ["1 demographics dissent", "1 diagnoses dissent"] : []))
        #expect((seen.json["withheld"] != nil) == isTold)
        #expect(seen.text.contains("dissent") == isTold)
    }

    @Test("Purpose is direct-care unless said.", arguments: [nil, "direct-care", "research"] as [String?])
    func purposeIsDirectCare(purpose: String?) throws {
        let store = try looked()
        var request = ViewRequest(
            user: "consultant-1", patient: PatientReference(Self.patient)!, asker: TemporaryStore.asker)
        if let purpose { request.purpose = purpose }
        let answer = try store.temporary.store.view(request)
        // The surgery shares for direct care alone.
        #expect(answer.answer.items.contains { $0.source == "ZZ101" } == (purpose != "research"))
        let receipt = try store.temporary.store.access(
            at: answer.receiptPosition, asker: TemporaryStore.asker
        ).receipt
        #expect(receipt.purpose == purpose ?? "direct-care")
    }

    @Test(
        "Every override has a reason and an expiry, is declared by its own user, and raises an alert. Of every kind.",
        arguments: OverrideKind.allCases)
    func everyOverrideRaisesAnAlert(kind: OverrideKind) throws {
        let store = try looked()
        func declare(_ more: String) throws {
            let said =
                #"- overrideDeclared: {patient: "9990000018", user: gp-1, kind: \#(kind.rawValue), for: PT1H\#(more)}"#
            let file = try PatientPolicyFile(
                Array(said.utf8), file: "override.yaml", calendar: .london,
                declared: try store.temporary.store.regionDeclaration())
            _ = try store.temporary.store.recordPolicy(file.drafts, asker: asker("gp-1"))
        }
        #expect(throws: (any Error).self, "no reason") { try declare("") }
        #expect(try store.alerts().isEmpty)
        try declare(", reason: asked")
        let raised = try store.temporary.store.alerts(nil, asker: TemporaryStore.asker).map(\.alert)
        #expect(raised.map(\.kind) == [.override] && raised.map(\.override) == [kind.rawValue])
        #expect(raised.map(\.user) == ["gp-1"])
    }

    @Test("Self-claiming does, and raises an alert.")
    func selfClaimingRaisesAnAlert() throws {
        let store = try looked()
        try store.temporary.policy(
            #"- relationshipCreated: {patient: "9990000026", org: RBD, kind: referral}"#)
        #expect(try store.alerts().isEmpty)
        let file = try PatientPolicyFile(
            Array(
                #"- relationshipCreated: {patient: "9990000026", user: gp-1, kind: self-claimed, to: 2018-02-01}"#
                    .utf8), file: "claim.yaml", calendar: .london,
            declared: try store.temporary.store.regionDeclaration())
        _ = try store.temporary.store.recordPolicy(file.drafts, asker: asker("gp-1"))
        #expect(try store.alerts() == [.selfClaim])
    }
}
