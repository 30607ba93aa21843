import CareRecord
import Ciphers
import EventLog
import Foundation
import LMDB
import Testing
import Wire

@testable import Projections
@_spi(Torture) @testable import Server

@Suite struct ErasureTests {
    let fixture: ErasureFixture
    var store: Store { fixture.store }

    init() throws { fixture = try ErasureFixture() }

    private func slot(_ patient: String) throws -> KeySlot {
        try #require(try store.log.slot(of: store.keys.token(of: PatientReference(patient)!)))
    }

    /// Rows of the record view kept for the subjects.
    private func rows(of patients: [String]) throws -> Int {
        var count = 0
        for patient in patients {
            let token = store.keys.token(of: PatientReference(patient)!)
            count += try store.record.withRead {
                (view: ProjectionView<RecordProjection>, t: borrowing ReadTransaction) throws(ProjectionError)
                in
                var found = 0
                do throws(LMDBError) {
                    try t.forEach(view.tables.chapters, prefix: token.bytes) { _, _ in found += 1 }
                    try t.forEach(view.tables.items, prefix: Array(token.bytes.prefix(8))) { _, _ in
                        found += 1
                    }
                } catch { throw ProjectionError(error) }
                return found
            }
        }
        return count
    }

    @Test func nothingOfAnErasedSubjectIsLeftAnywhere() throws {
        let all = try fixture.leaks()
        #expect(all == ErasureFixture.secrets, "the test finds what is there")
        let slots = [try slot("ZZ101:G7"), try slot("RBD:H100"), try slot(ErasureFixture.number)]
        let bare = try slots.map { slot in try store.keys.key(slot).withUnsafeBytes { [UInt8]($0) } }
        let plan = try store.erasurePlan(fixture.request(ErasureFixture.number, allLinked: true))
        #expect(
            plan.subjects.map(\.description).sorted() == ["RBD:H100", "ZZ101:G7"] && plan.staying.isEmpty)
        #expect(plan.quarantined.count == 9 && plan.numbers == 1)
        let before = try store.openQuarantine()
        #expect(before.count == 11)
        let done = try store.erase(
            fixture.request(ErasureFixture.number, allLinked: true, confirmation: plan.code))
        let left = try fixture.leaks(ErasureFixture.secrets + ["gonarthrosis", "c-knee", "H100"])
        #expect(left == [])
        for name in ["quillfeather", "hesperidia", "Quillf", "eather"] {
            #expect(try fixture.leaks([name]) == [], "\(name), however it is written")
        }
        #expect(try fixture.leaks(["hallux valgus", "Bystander"]).count == 2, "another patient's stays")
        for bytes in bare { #expect(try fixture.holds(bytes) == []) }
        for secret in ErasureFixture.secrets where secret.count > 4 {
            #expect(try fixture.holds(Array(secret.utf8)) == [], "\(secret)")
        }
        #expect(try store.openQuarantine().map(\.id) == [before[3].id, before[8].id])
        #expect(try rows(of: ["ZZ101:G7", "RBD:H100"]) == 0)
        let others = try rows(of: ["ZZ101:G8"])
        #expect(others > 0, "another patient's rows stay")
        #expect(done.destroyed > done.ordered.last)
        // The log is what it was, and more.
        let report = try store.log.verify()
        #expect(report.isSound)
        // And so it is after the next start, whose read models may be built anew.
        for view in Store.projectionNames {
            #expect(try store.rebuildProjection(view).difference == nil, "\(view)")
        }
        try fixture.temporary.reopen()
        #expect(try fixture.leaks() == [])
        let answer = try fixture.temporary.view("consultant-1", ErasureFixture.number)
        #expect(answer.answer.permitted && answer.answer.items.isEmpty)
    }

    /// A subject that only a link names: the link's detail dies with its key, whoever asks after whichever restart.
    @Test(arguments: [false, true])
    func aSubjectThatOnlyALinkNamesHasItsKeyForGood(recordComes: Bool) throws {
        try fixture.temporary.policy(
            "- linked: {a: {org: ZZ101, id: \"G8\"}, b: {org: ZZ101, id: X2}, evidence: a whispered remark}")
        let first = try slot("ZZ101:X2")
        try fixture.temporary.reopen()
        #expect(try fixture.leaks(["a whispered remark"]).count == 1)
        if recordComes {
            _ = try fixture.temporary.ingest(
                "ZZ101", MainJobTests.condition("c-x2", patient: "X2", text: "gout"), name: "x.json")
        }
        #expect(try slot("ZZ101:X2") == first, "the key that the link dies with")
        // Of somebody who is only named nothing is held: the link goes with the other's key.
        let (erased, other) = recordComes ? ("ZZ101:X2", "ZZ101:G8") : ("ZZ101:G8", "ZZ101:X2")
        _ = try store.erase(fixture.request(erased))
        #expect(try fixture.leaks(["a whispered remark", "gout"]) == [])
        #expect(try !store.keys.isDestroyed(slot(other)))
        for view in Store.projectionNames {
            #expect(try store.rebuildProjection(view).difference == nil, "\(view)")
        }
    }

    @Test func oneSubjectIsErasedAndThoseLinkedWithItStay() throws {
        #expect(throws: StoreError.self) { try store.erase(fixture.request(ErasureFixture.number)) }
        let before = try fixture.temporary.view("gp-1", ErasureFixture.number)
        let when = before.answer.position
        let done = try store.erase(fixture.request("ZZ101:G7"))
        #expect(done.plan.staying.map(\.description) == ["RBD:H100"])
        #expect(try fixture.leaks(["bronchiectasis", "c-lung", "an anxious caller"]) == [])
        #expect(try fixture.leaks(["gonarthrosis", "Quillfeather"]).count == 2)
        for at in [nil, "\(when)"] {
            let view = try fixture.temporary.view("consultant-1", ErasureFixture.number, at: at)
            #expect(
                view.answer.items.map(\.reference) == ["Patient/RBD.H100", "Condition/RBD.c-knee"],
                "\(at ?? "now")")
            let notice = try #require(view.answer.erased.first)
            #expect(notice.authority == "court order KB-2018-7" && notice.subjects == 1)
            #expect(notice.position >= done.ordered.first && view.answer.erased.count == 1)
            let text = try AnswerText().render(view.json)
            #expect(text.contains("ERASED under court order KB-2018-7 at \(notice.time)"))
            #expect(String(decoding: view.json, as: UTF8.self).contains(#""erased":[{"position":"#))
        }
    }

    @Test func whoLookedStaysKnown() throws {
        func list() throws -> [String] {
            try store.accesses(
                TrailRequest(patient: PatientReference(ErasureFixture.number), asker: TemporaryStore.asker)
            )
            .filter { $0.receipt.question == .view }
            .map { "\($0.position) \($0.receipt.viewer?.user ?? "") \($0.receipt.basis) \($0.receipt.shown)" }
        }
        let before = try list()
        #expect(before.count == 2)
        let plan = try store.erasurePlan(fixture.request(ErasureFixture.number, allLinked: true))
        _ = try store.erase(fixture.request(ErasureFixture.number, allLinked: true, confirmation: plan.code))
        #expect(try list() == before)
        let access = try store.accesses(
            TrailRequest(patient: PatientReference(ErasureFixture.number), asker: TemporaryStore.asker))
        #expect(access.first { $0.receipt.question == .view }?.detail == nil)
    }

    @Test func whatComesAfterwardsIsTakenUnderANewKey() throws {
        let old = try slot("ZZ101:G7")
        _ = try store.erase(fixture.request("ZZ101:G7"))
        // The same message again: acknowledged as before, and nothing comes back.
        let again = try fixture.temporary.ingest("ZZ101", ErasureFixture.practice[1], name: "c.json")
        #expect(again.duplicate == 1 && again.accepted == 0)
        #expect(try fixture.leaks(["bronchiectasis"]) == [])
        // Another message: a record that begins anew.
        let fresh = try fixture.temporary.ingest(
            "ZZ101", MainJobTests.condition("c-new", patient: "G7", text: "hay fever"), name: "n.json")
        #expect(fresh.accepted == 1)
        #expect(try slot("ZZ101:G7") != old && !store.keys.isDestroyed(try slot("ZZ101:G7")))
        let view = try fixture.temporary.view("gp-1", ErasureFixture.number)
        #expect(view.answer.items.contains { $0.reference == "Condition/ZZ101.c-new" })
        #expect(!view.answer.items.contains { $0.reference == "Condition/ZZ101.c-lung" })
        #expect(view.answer.erased.count == 1)
        #expect(try store.rebuildProjection("record").difference == nil)
        // It can be erased again, and that is said too.
        _ = try store.erase(fixture.request("ZZ101:G7", authority: "a second order"))
        #expect(throws: StoreError.self) { try store.erasurePlan(fixture.request("ZZ101:G7")) }
        #expect(try fixture.leaks(["hay fever"]) == [])
        let last = try fixture.temporary.view("gp-1", ErasureFixture.number)
        #expect(last.answer.erased.map(\.authority) == ["court order KB-2018-7", "a second order"])
        #expect(try store.rebuildProjection("record").difference == nil)
        // Who looked since, and for what, is about the person too: the receipt's detail has a key that can be destroyed.
        #expect(try store.erasurePlan(fixture.request("ZZ101:G7")).targets.count == 1)
    }

    @Test func anErasureIsRefusedWithoutTwoWhoMayApprove() throws {
        func refusal(_ approvedBy: [String], asker: String? = nil) -> StoreError? {
            var request = fixture.request("ZZ101:G7", approvedBy: approvedBy)
            request.asker.user = asker
            do throws(StoreError) { _ = try store.erase(request) } catch { return error }
            return nil
        }
        for approvedBy in [[], ["guardian-1"], ["guardian-1", "guardian-1"], ["guardian-1", "nobody"]] {
            guard case .usage = refusal(approvedBy) else {
                Issue.record("\(approvedBy)")
                continue
            }
        }
        for approvedBy in [["guardian-1", "gp-1"], ["privacy-1", "privacy-2"]] {
            guard case .refused = refusal(approvedBy) else {
                Issue.record("\(approvedBy)")
                continue
            }
        }
        guard case .refused = refusal(["privacy-1", "guardian-1"], asker: "privacy-1") else {
            Issue.record("the operator approved")
            return
        }
        #expect(try fixture.leaks().count == ErasureFixture.secrets.count)
    }

    @Test func aLegalHoldForbidsIt() throws {
        try fixture.temporary.policy(
            "- legalHold: {id: h1, patient: \"\(ErasureFixture.number)\", reason: inquest}")
        // On the number, so on every subject that bears it.
        for patient in ["ZZ101:G7", "RBD:H100"] {
            #expect(throws: StoreError.self) { try store.erase(fixture.request(patient)) }
        }
        try fixture.temporary.policy("- legalHoldEnded: {id: h1}")
        _ = try store.erase(fixture.request("ZZ101:G7"))
    }

    @Test(arguments: ["for 999 000 0018", "case of Quillfeather", "patient G7's wish", "", "two\nlines"])
    func theAuthorityNamesNobody(_ authority: String) throws {
        #expect(throws: StoreError.self) {
            try store.erase(fixture.request("ZZ101:G7", authority: authority))
        }
        #expect(try store.keys.erasureUnderWay() == nil)
    }

    @Test func allLinkedNeedsTheCodeOfWhatWasSeen() throws {
        let request = fixture.request(ErasureFixture.number, allLinked: true)
        #expect(throws: StoreError.self) { try store.erase(request) }
        let code = try store.erasurePlan(request).code
        // Something more is linked meanwhile: what was seen is not what it would take.
        try fixture.temporary.policy(
            "- linked: {a: {org: ZZ101, id: \"G7\"}, b: {org: ZZ101, id: \"G8\"}, evidence: letter}")
        #expect(throws: StoreError.self) {
            try store.erase(fixture.request(ErasureFixture.number, allLinked: true, confirmation: code))
        }
        #expect(try fixture.leaks().count == ErasureFixture.secrets.count)
    }

    @Test func aRelationshipGoesOnDecidingWithoutItsEvidence() throws {
        _ = try store.erase(fixture.request("ZZ101:G7"))
        let view = try fixture.temporary.view("consultant-1", ErasureFixture.number)
        #expect(view.answer.permitted && view.answer.rule == "relationship" && view.answer.items.count == 2)
        let refused = try fixture.temporary.view("consultant-1", "9990000034")
        #expect(!refused.answer.permitted && refused.answer.erased.isEmpty)
    }

    @Test func theLedgerIsThisStoresAndCannotBeChanged() throws {
        _ = try store.erase(fixture.request("ZZ101:G7"))
        let ledger = try store.erasureLedger()
        let text = String(decoding: ledger, as: UTF8.self)
        for secret in ErasureFixture.secrets { #expect(!text.contains(secret)) }
        #expect(
            try store.apply(ledger: ledger, asker: TemporaryStore.asker) == 0, "all of it is done already")
        let changed = Array(text.replacing("KB-2018-7", with: "KB-2018-8").utf8)
        #expect(throws: StoreError.self) { try store.apply(ledger: changed, asker: TemporaryStore.asker) }
        let another = try ErasureFixture()
        #expect(throws: StoreError.self) {
            try another.store.apply(ledger: ledger, asker: TemporaryStore.asker)
        }
    }
}
