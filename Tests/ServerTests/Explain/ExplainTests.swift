import CareRecord
import Intake
import Testing
import Wire

@testable import Server

@Suite struct ExplainTests {
    private func explain(
        _ store: SafetyStore, as user: String = "consultant-1", item: String? = nil, at: String? = nil,
        by asker: Asker = TemporaryStore.asker
    ) throws -> (json: JSONCursor, text: String, answer: ReceiptedAnswer) {
        let request = ViewRequest(
            user: user, patient: .init(SafetyStore.patient)!, at: at.map { When($0)! }, asker: asker)
        let answer = try store.temporary.store.explain(request, item: item)
        return (try JSONDocument(answer.json).root, try ExplanationText().render(answer.json), answer)
    }

    private func shared() throws -> SafetyStore {
        let store = try SafetyStore(consentModel: "permission-to-view")
        try store.admit()
        try store.admit("ZZ101", "G7")
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "asthma"), from: "ZZ101")
        return store
    }

    @Test func aWithheldItemIsExplainedRuleByRuleWithWhatWouldShowIt() throws {
        let store = try shared()
        try store.temporary.policy(#"- dissentSet: {patient: "9990000018", reason: asked, recordedBy: gp-1}"#)
        let told = try explain(store, item: "Condition/c1")
        let item = try #require(told.json["items"]?[0])
        #expect(item["decision"]?["rule"]?.string == "dissent")
        let changes = (item["wouldChange"]?.elements ?? []).map { $0["event"]?.string }
        #expect(changes == ["dissentWithdrawn", "permissionToView"])
        #expect(item["wouldChange"]?[1]?["then"]?.string == "shown, by agreement")
        #expect(told.text.contains("WITHHELD by dissent: a patient may say no to sharing"))
        #expect(told.text.contains("dissentSet, recorded by gp-1"))
        // And it is so.
        try store.temporary.policy(
            """
            - dissentWithdrawn: {patient: "9990000018"}
            - permissionToView: {patient: "9990000018", user: consultant-1, basis: asked}
            """)
        #expect(
            try explain(store, item: "Condition/c1").json["items"]?[0]?["decision"]?["outcome"]?.string
                == "permit")
    }

    @Test func itLeavesASimulatedReceipt() throws {
        let store = try shared()
        let told = try explain(store)
        #expect(told.answer.receipt.kind == .simulated && told.answer.receipt.question == .explain)
        #expect(told.json["receipt"]?["position"]?.int != nil)
    }

    @Test func whoMayNotKnowWhatIsWithheldIsToldTheSameAsOfWhatIsNotHeld() throws {
        let store = try shared()
        let withheld = try explain(store, as: "clerk-1", item: "Condition/c1")
        let nothing = try explain(store, as: "clerk-1", item: "Condition/c2")
        #expect(withheld.json["items"]?.elements.isEmpty == true)
        #expect(withheld.json["notHeld"]?.raw == nothing.json["notHeld"]?.raw)
        #expect(!(try explain(store, as: "clerk-1").text.contains("asthma")))
        #expect(!(try explain(store, as: "clerk-1").text.contains("DIAGNOSES")))
    }

    @Test func anOperatorNeedsTheActivityExplain() throws {
        let store = try shared()
        #expect(throws: StoreError.self) {
            _ = try explain(store, by: Asker(systemUser: "tester", user: "clerk-1"))
        }
    }

    @Test func aRefusalIsExplainedAndSaysWhatWouldEndIt() throws {
        let store = try shared()
        let told = try explain(store, as: "nurse-1")
        #expect(told.json["decision"]?["rule"]?.string == "relationship")
        #expect(told.json["wouldChange"]?[0]?["event"]?.string == "relationshipCreated")
        #expect(told.text.contains("These, in this order, would change that:"))
    }
}
