import CareRecord
import EventLog
import Projections
import Testing
import Wire

@testable import Server

/// Ids in a question, as somebody typed them: too long ones are refused before anything is recorded, and a receipt that names one
/// all the same stops nothing.
@Suite struct TypedIDTests {
    let fixture: ErasureFixture
    var store: Store { fixture.store }

    init() throws { fixture = try ErasureFixture() }

    private func request(_ user: String, profile: String? = nil, purpose: String = "direct-care")
        -> ViewRequest
    {
        ViewRequest(
            user: user, patient: PatientReference(ErasureFixture.number)!, purpose: purpose, profile: profile,
            asker: TemporaryStore.asker)
    }

    /// Longer than a key of LMDB, and just as long as one is kept whole.
    @Test(arguments: [600, 503, 129, 128]) func aReceiptOfALongNameFolds(bytes: Int) throws {
        let user = String(repeating: "u", count: bytes)
        let view = try store.decided(request(user))
        _ = try #require(
            try store.receipt(view.answer, view.draft, policy: view.policy, head: view.head))
        // Somebody else's, whose name begins with that one.
        let other = try store.decided(request(user + "x"))
        _ = try store.receipt(other.answer, other.draft, policy: other.policy, head: other.head)
        let found = try store.accesses(TrailRequest(user: user, asker: TemporaryStore.asker))
        #expect(found.map(\.receipt.viewer?.user) == [user])
        _ = try store.erase(fixture.request("ZZ101:G7"))
    }

    @Test func aLongerOneThanPolicyHasIsRefusedUnrecorded() throws {
        let (most, long) = (String(repeating: "u", count: 128), String(repeating: "u", count: 129))
        // Nobody in force, which is an answer, with a receipt.
        #expect(try !store.view(request(most)).answer.permitted)
        let head = try store.log.head.position
        let number = PatientReference(ErasureFixture.number)!
        let asker = TemporaryStore.asker
        for asked in [
            request(long), request("gp-1", purpose: long),
            request("gp-1", profile: "RBD/" + long + long),
        ] {
            #expect(throws: StoreError.self) { try store.view(asked) }
            #expect(throws: StoreError.self) { try store.explain(asked) }
            #expect(throws: StoreError.self) {
                try store.diff(asked, from: When("#1")!, to: When("#2")!)
            }
        }
        #expect(throws: StoreError.self) {
            try store.view(
                ViewRequest(
                    user: "gp-1", patient: number, asker: Asker(systemUser: "tester", user: long)))
        }
        #expect(throws: StoreError.self) {
            try store.findPatient(
                FindRequest(
                    user: long, search: PatientSearch(number: NHSNumber(ErasureFixture.number)!), asker: asker
                ))
        }
        #expect(try store.log.head.position == head)
    }
}
