import CareRecord
import Foundation
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
