import CareRecord
import Intake
import Projections
import Testing
import Wire

@testable import Server

@Suite struct DiffTests {
    private func diff(
        _ store: SafetyStore, _ from: String, _ to: String, as user: String = "consultant-1"
    ) throws -> (changes: [String], json: JSONCursor, text: String) {
        let request = ViewRequest(
            user: user, patient: .init(SafetyStore.patient)!, at: When(to)!, asker: TemporaryStore.asker)
        let answer = try store.temporary.store.diff(request, from: When(from)!, to: When(to)!)
        let json = try JSONDocument(answer.json).root
        let changes = (json["changes"]?.elements ?? []).map { change in
            let what = [change["item"], change["became"], change["rule"], change["cause"]]
            return what.compactMap { $0?.string }.joined(separator: " ")
        }
        return (changes, json, try DifferenceText().render(answer.json))
    }

    /// A permission recorded, and lapsing by itself on the 4th; a correction; a deletion.
    @Test func eventsAndTheLapseOfTimeAreNamed() throws {
        let store = try SafetyStore(consentModel: "permission-to-view")
        try store.admit("ZZ101", "G7")
        try store.send(MainJobTests.condition("c1", patient: "G7", text: "asthma"), from: "ZZ101")
        try store.at("2018-01-02T10:00:00Z")
        try store.temporary.policy(
            #"- permissionToView: {patient: "9990000018", user: consultant-1, basis: asked, from: 2018-01-02, to: 2018-01-04}"#
        )
        try store.at("2018-01-03T10:00:00Z")
        try store.send(
            #"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Condition/c1"}}]}"#,
            from: "ZZ101")
        try store.at("2018-01-09T10:00:00Z")
        let told = try diff(store, "2018-01-02", "2018-01-08")
        #expect(
            told.changes == [
                "Patient/ZZ101.G7 visible agreement event", "Condition/ZZ101.c1 visible agreement event",
                "Condition/ZZ101.c1 not visible event", "Patient/ZZ101.G7 not visible permission time",
            ])
        let times = (told.json["changes"]?.elements ?? []).compactMap { $0["time"]?.string }
        #expect(times.last == "2018-01-05T00:00:00Z")
        #expect(told.text.contains("became NOT VISIBLE, by permission: by the passing of a time set by #"))
        // Nothing changed in between.
        #expect(try diff(store, "2018-01-06", "2018-01-08").changes.isEmpty)
    }

    /// A permission that lapsed: the receipt says what was decided at either side, and names what ceased to be shown.
    @Test func itsReceiptSaysWhatItShowedAtEitherSide() throws {
        let store = try SafetyStore(consentModel: "permission-to-view")
        try store.admit("ZZ101", "G7")
        try store.at("2018-01-02T10:00:00Z")
        try store.temporary.policy(
            #"""
            - relationshipEnded: {id: r1, to: 2018-01-03}
            - permissionToView: {patient: "9990000018", user: consultant-1, basis: asked, from: 2018-01-02}
            """#)
        try store.at("2018-01-09T10:00:00Z")
        let request = ViewRequest(
            user: "consultant-1", patient: .init(SafetyStore.patient)!, at: When("2018-01-08")!,
            asker: TemporaryStore.asker)
        let answer = try store.temporary.store.diff(
            request, from: When("2018-01-03")!, to: When("2018-01-08")!)
        let earlier = try #require(answer.receipt.earlier)
        #expect(
            earlier.permitted && earlier.rule == "relationship"
                && earlier.instant == Instant(rfc3339: "2018-01-03T00:00:00Z"))
        #expect(!answer.receipt.permitted && answer.receipt.rule == "relationship")
        #expect(answer.receipt.shown == 1 && answer.receipt.sources == ["ZZ101"])
        // It is in the log, and old ones without the member are read still.
        let found = try store.temporary.store.access(at: answer.receiptPosition, asker: TemporaryStore.asker)
        #expect(
            found.receipt == answer.receipt && found.detail?.items.map(\.reference) == ["Patient/ZZ101.G7"])
        var old = answer.receipt
        old.earlier = nil
        #expect(!String(decoding: old.json, as: UTF8.self).contains("earlier"))
        #expect(try Receipt(json: old.json) == old)
        #expect(try store.temporary.store.log.verify().isSound)
    }

    @Test func whoMayNotKnowWhatIsWithheldIsNotToldWhy() throws {
        let store = try SafetyStore()
        try store.admit("ZZ101", "G7")
        try store.at("2018-01-02T10:00:00Z")
        try store.temporary.policy(#"- dissentSet: {patient: "9990000018", reason: asked}"#)
        try store.at("2018-01-03T10:00:00Z")
        let clerk = try diff(store, "2018-01-02", "2018-01-03", as: "clerk-1")
        #expect(clerk.changes == ["Patient/ZZ101.G7 not visible"])
        #expect(!clerk.text.contains("dissent"))
        #expect(
            try diff(store, "2018-01-02", "2018-01-03").changes == [
                "Patient/ZZ101.G7 not visible dissent event"
            ])
    }
}
