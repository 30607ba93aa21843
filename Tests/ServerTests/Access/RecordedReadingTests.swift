import CareRecord
import Intake
import Projections
import Testing
import Wire

@testable import Server

/// On a real store, where everybody who asks has a name: what is read of the trail and of quarantine is recorded, and by whom.
@Suite struct RecordedReadingTests {
    let temporary: TemporaryStore
    var store: Store { temporary.store }

    init() throws {
        temporary = try TemporaryStore(simulatedClock: false)
        try temporary.apply(ErasureFixture.region)
        _ = try temporary.store.recordPolicy(
            facts(
                "- relationshipCreated: {id: r1, patient: \"\(ErasureFixture.number)\", org: RBD, kind: referral, from: 2017-12-01}"
            ), asker: asker("guardian-1"))
        _ = try temporary.ingest(
            "RBD", MainJobTests.patient("H100", number: ErasureFixture.number), name: "h.json")
        _ = try temporary.ingest(
            "ZZ101", #"{"resourceType":"Observation","note":"a cough","subject":{"reference":"Patient/G7"}"#,
            name: "q.json")
    }

    private func asker(_ user: String?) -> Asker { Asker(systemUser: "tester", user: user) }

    private func facts(_ yaml: String) throws -> [PatientFactDraft] {
        try PatientPolicyFile(
            Array(yaml.utf8), file: "policy.yaml", calendar: .london, declared: try store.regionDeclaration()
        ).drafts
    }

    private func newest() throws -> Access {
        try store.unrecordedAccess(at: try store.head().position, asker: asker("privacy-1")).whole
    }

    private func isRefused(_ body: () throws -> Void) -> Bool {
        do { try body() } catch StoreError.refused { return true } catch {}
        return false
    }

    private func isUsage(_ body: () throws -> Void) -> Bool {
        do { try body() } catch StoreError.usage { return true } catch {}
        return false
    }

    @Test func readingQuarantineIsRecordedAndForThoseWhoMayMendIt() throws {
        #expect(isUsage { _ = try store.quarantine(asker: asker(nil)) })
        let listed = try store.quarantine(asker: asker("gp-1"))
        #expect(listed.map(\.entry.source) == ["ZZ101"])
        var receipt = try newest().receipt
        #expect(receipt.question == .quarantine && receipt.viewer?.user == "gp-1" && receipt.shown == 1)
        #expect(receipt.query == "quarantine list")
        // Another organisation's: not even listed.
        #expect(try store.quarantine(asker: asker("consultant-1")).isEmpty)
        #expect(isRefused { _ = try store.quarantined(id: listed[0].id, asker: asker("consultant-1")) })
        let shown = try store.quarantined(id: listed[0].id, asker: asker("gp-1"))
        #expect(String(decoding: shown.bytes, as: UTF8.self).contains("a cough"))
        let access = try store.unrecordedAccess(at: shown.receipt, asker: asker("privacy-1")).whole
        receipt = access.receipt
        #expect(receipt.question == .quarantine && receipt.viewer?.user == "gp-1")
        // What was asked dies with the message's own key.
        #expect(receipt.query == nil && access.detail?.query == "quarantine show \(listed[0].id)")
        #expect(try !store.quarantined(id: listed[0].id, asker: asker("privacy-1")).bytes.isEmpty)
        #expect(isUsage { _ = try store.quarantined(id: "q1", asker: asker("gp-1")) })
        #expect(isUsage { _ = try store.quarantined(id: "x", asker: asker("gp-1")) })
    }

    private func viewed() throws -> Position {
        try store.view(
            ViewRequest(
                user: "consultant-1", patient: PatientReference(ErasureFixture.number)!,
                at: When("#\(try store.head().position.value)")!, asker: asker("privacy-1"))
        ).receiptPosition
    }

    @Test func readingAReceiptStandsInTheTrailOfThePatientsItIsAbout() throws {
        let position = try viewed()
        let access = try store.access(at: position, asker: asker("privacy-1"))
        let reading = try newest()
        #expect(reading.receipt.question == .trail && reading.receipt.subjects == access.receipt.subjects)
        #expect(reading.detail?.query == "access show \(position)")
        _ = try store.accesses(TrailRequest(user: "consultant-1", asker: asker("privacy-1")))
        #expect(try newest().receipt.query == "access list user=consultant-1")
    }

    @Test func aReceiptsDetailLeavesOnlyUnderACaseForItsPatient() throws {
        let position = try viewed()
        #expect(
            isRefused {
                _ = try store.evidence(ofReceipt: position, withDetail: true, asker: asker("privacy-1"))
            })
        _ = try store.evidence(ofReceipt: position, withDetail: false, asker: asker("privacy-1"))
        #expect(try newest().receipt.kind == .exported)
        _ = try store.recordPolicy(
            facts(
                """
                - caseOpened: {id: C-1, patient: "\(ErasureFixture.number)", reason: complaint, authority: guardian-1, for: P30D}
                - caseOpened: {id: C-2, patient: "\(ErasureFixture.other)", reason: complaint, authority: guardian-1, for: P30D}
                """), asker: asker("guardian-1"))
        let proof = try store.evidence(
            ofReceipt: position, withDetail: true, caseReference: "C-1", asker: asker("privacy-1"))
        #expect(!proof.items.isEmpty)
        let reading = try newest().receipt
        #expect(reading.kind == .exported && reading.caseID == "C-1")
        #expect(
            isRefused {
                _ = try store.evidence(
                    ofReceipt: position, withDetail: true, caseReference: "C-2", asker: asker("privacy-1"))
            })
    }

    @Test func wideningTakesTwoPeopleWithNames() throws {
        let wider = try RegionFile(
            Array(
                ErasureFixture.region.replacing(
                    "categories: [demographics, diagnoses]",
                    with: "categories: [demographics, diagnoses, alerts]"
                ).utf8), file: "region.yaml")
        func apply(_ user: String?, _ approver: String?) throws {
            _ = try store.applyRegion(
                wider, fileName: "region.yaml", approvedBy: approver, asker: asker(user))
        }
        #expect(isRefused { try apply("guardian-1", nil) })
        #expect(isRefused { try apply("guardian-1", "guardian-1") })
        #expect(isUsage { try apply(nil, "guardian-1") })
        #expect(isUsage { try apply("privacy-1", "nobody") })
        try apply("privacy-1", "guardian-1")
    }
}
