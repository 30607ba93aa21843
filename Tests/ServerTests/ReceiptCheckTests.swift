import CareRecord
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
        _ = try temporary.ingest("ZZ101", MainJobTests.patient("G7"))
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
        typealias Change = (inout Receipt, inout ReceiptDetail) -> Void
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
        var wrong: [(Position, String)] = []
        for (words, change) in changes {
            var (receipt, detail) = (good.receipt, detail)
            change(&receipt, &detail)
            let record = try temporary.store.receiptRecord(receipt, detail)
            wrong.append((try temporary.store.appendOne(Proposal(records: [record])).first, words))
        }
        let report = try sound(temporary)
        #expect(report.log.isSound && !report.isSound)
        #expect(report.receipts == UInt64(changes.count) + 1)
        #expect(report.receiptProblems.map(\.position) == wrong.map(\.0))
        for (problem, (_, words)) in zip(report.receiptProblems, wrong) {
            #expect(problem.what.contains(words), "\(problem)")
        }
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
