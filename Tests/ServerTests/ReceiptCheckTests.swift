import CareRecord
import Ciphers
import EventLog
import Foundation
import Projections
import Testing
import Wire

@testable import Server

/// `log verify` over receipts whose policy is newer than what they served: the question asked for that.
@Suite struct ReceiptCheckTests {
    private func store() throws -> TemporaryStore {
        let temporary = try TemporaryStore()
        try temporary.apply(MainJobTests.region)
        // With a practice, which is a part of its own: what is shown of the rest is not the version's own bytes.
        let practice = #","generalPractitioner":[{"display":"Surgery"}]}"#
        let patient = MainJobTests.patient("G7").trimmingCharacters(in: .whitespacesAndNewlines)
        _ = try temporary.ingest("ZZ101", patient.dropLast() + practice)
        let condition = MainJobTests.condition("C1", patient: "G7", text: "Asthma")
        _ = try temporary.ingest("ZZ101", condition, name: "condition.json")
        return temporary
    }

    private func request(at: String? = nil, knownAt: String? = nil) -> ViewRequest {
        ViewRequest(
            user: "consultant-1", patient: PatientReference("9990000018")!, at: at.map { When($0)! },
            knownAt: knownAt.map { When($0)! }, asker: TemporaryStore.asker)
    }

    private func sound(_ temporary: TemporaryStore) throws -> StoreVerifyReport {
        temporary.store.close()
        defer { try? temporary.reopen() }
        return try StoreVerification.run(at: temporary.directory)
    }

    @Test func whatWasLearntLaterAndAskedForIsNoContradiction() throws {
        let temporary = try store()
        let then = temporary.store.log.headPosition
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        let now = temporary.store.log.headPosition
        let view = try temporary.store.view(request(at: "\(then)", knownAt: "\(now)"))
        #expect(view.receipt.position == then && view.receipt.basis.contains(now))
        _ = try temporary.store.explain(request(at: "\(then)", knownAt: "\(now)"))
        let report = try sound(temporary)
        #expect(report.isSound && report.receipts == 2, "\(report.receiptProblems)")
    }

    private typealias Change = (inout Receipt, inout ReceiptDetail) -> Void

    /// Appends a receipt for each change of a good one, and insists that just these are named, each where it is and in its words.
    private func verified(
        _ temporary: TemporaryStore, _ changes: [(String, Change)], of good: Receipt, _ whole: ReceiptDetail
    ) throws -> StoreVerifyReport {
        var wrong: [(Position, String)] = []
        for (words, change) in changes {
            var (receipt, detail) = (good, whole)
            change(&receipt, &detail)
            let record = try temporary.store.receiptRecord(receipt, detail)
            wrong.append((try temporary.store.appendOne(Proposal(records: [record])).first, words))
        }
        let report = try sound(temporary)
        #expect(report.receiptProblems.map(\.position) == wrong.map(\.0))
        for (problem, (_, words)) in zip(report.receiptProblems, wrong) {
            #expect(problem.what.contains(words), "\(problem)")
        }
        return report
    }

    /// Receipts that contradict themselves, each well sealed and in the log: named, and where they are.
    @Test func whatContradictsItselfIsFound() throws {
        let temporary = try store()
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        let view = try temporary.store.view(request())
        #expect(view.answer.permitted && view.receipt.shown > 0)
        let good = try temporary.store.access(at: view.receiptPosition)
        let detail = try #require(good.detail)
        let late = Position(view.receiptPosition.value + 1000)
        let changes: [(String, Change)] = [
            ("was served as of", { receipt, _ in receipt.position = late }),
            ("was decided as of", { receipt, _ in receipt.known = late }),
            ("its policy", { receipt, _ in receipt.policy = Position(receipt.position.value + 1) }),
            ("its basis", { receipt, _ in receipt.basis.append(late) }),
            ("items were shown", { receipt, _ in receipt.shown += 1 }),
            ("items were shown", { _, detail in detail.items.removeLast() }),
            ("items were withheld", { receipt, _ in receipt.withheld += 1 }),
            ("salt", { _, detail in detail.bodySalt.removeLast() }),
            ("salt", { _, detail in detail.itemsSalt = [] }),
        ]
        let report = try verified(temporary, changes, of: good.receipt, detail)
        #expect(report.log.isSound && !report.isSound)
        #expect(report.receipts == UInt64(changes.count) + 1)
    }

    /// Receipts whose digest is of other bytes than the versions they name have.
    @Test func aDigestOfOtherBytesIsFound() throws {
        let temporary = try store()
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        let view = try temporary.store.view(request())
        let good = try temporary.store.access(at: view.receiptPosition)
        let detail = try #require(good.detail)
        #expect(detail.digested == detail.items.count && detail.items.count > 0)
        let part = try #require(detail.items.firstIndex { $0.shown != nil }, "a part of a Patient is shown")
        let missing = "is not there"
        let other = "is not that of the versions it names"
        let changes: [(String, Change)] = [
            (other, { receipt, _ in receipt.items = SHA256.hash([1]) }),
            (other, { _, detail in detail.itemsSalt[31] ^= 1 }),
            (other, { _, detail in detail.items[part].shown = SHA256.hash([1]) }),
            (other, { _, detail in detail.items[part].shown = nil }),
            (other, { _, detail in detail.digested = detail.items.count - 1 }),
            ("its digest is of", { _, detail in detail.digested = detail.items.count + 1 }),
            (missing, { _, detail in detail.items[0].reference += "x" }),
            (missing, { receipt, detail in detail.items[0].position = receipt.policy }),
            (missing, { _, detail in detail.items[0].position = Position(1 << 40) }),
        ]
        let report = try verified(temporary, changes, of: good.receipt, detail)
        #expect(report.digests.compared == 1 && report.digests.itemsTold == 0, "\(report.digests)")
    }

    /// What a redaction left is told by the receipt alone; what a receipt did not say in its time is held against nothing.
    @Test func whatCannotBeComparedIsCounted() throws {
        let temporary = try store()
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        let view = try temporary.store.view(request())
        let good = try temporary.store.access(at: view.receiptPosition)
        var (receipt, detail) = (good.receipt, try #require(good.detail))
        detail.items[0].shown = SHA256.hash(Array("{}".utf8))
        var hash = SHA256()
        hash.update(detail.itemsSalt)
        let texts = try (0..<detail.items.count).map { index -> Digest in
            if let shown = detail.items[index].shown { return shown }
            let item = detail.items[index]
            let record = try temporary.store.log.read(at: item.position)
            let body = try #require(
                try temporary.store.opener.open(.a, of: record.header, sealed: record.partA))
            let place = try #require(
                try (1..<body.count).first {
                    let meta = try ItemMeta(decoding: body.meta(of: $0))
                    return "\(meta.type)/\(meta.daybookID)" == item.reference
                })
            return SHA256.hash(body.content(of: place))
        }
        for text in texts { hash.update(text) }
        receipt.items = hash.finish()
        _ = try temporary.store.appendOne(
            Proposal(records: [try temporary.store.receiptRecord(receipt, detail)]))
        detail.digested = nil
        for index in detail.items.indices { detail.items[index].shown = nil }
        _ = try temporary.store.appendOne(
            Proposal(records: [try temporary.store.receiptRecord(receipt, detail)]))
        let report = try sound(temporary)
        #expect(report.isSound, "\(report.receiptProblems)")
        #expect(report.digests == .init(compared: 2, erased: 0, older: 1, itemsTold: 1))
    }

    /// However few digests are kept.
    @Test func fewDigestsKeptFindTheSame() throws {
        let temporary = try store()
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        let view = try temporary.store.view(request())
        let access = try temporary.store.access(at: view.receiptPosition)
        var digests = ReceiptDigests(temporary.store.log, temporary.store.opener, limit: 1)
        for _ in 0..<3 {
            #expect(try digests.problem(access.receipt, #require(access.detail)) == nil)
        }
        #expect(digests.counts.compared == 3)
    }

    @Test func aLaterPageIsDecidedAsPolicyIsThen() throws {
        let temporary = try store()
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        let first = temporary.store.log.headPosition
        try temporary.apply(MainJobTests.region.replacing("name: Consultant One", with: "name: Consultant 1"))
        let page = try temporary.store.decided(request(), pinned: first)
        let given = try temporary.store.receipt(page.answer, page.draft, policy: page.policy, head: page.head)
        #expect(try #require(given).receipt.policy > first)
        let report = try sound(temporary)
        #expect(report.isSound && report.receipts == 1, "\(report.receiptProblems)")
    }
}
