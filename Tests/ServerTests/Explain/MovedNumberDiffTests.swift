import CareRecord
import Intake
import Testing
import Wire

@testable import Server

/// `diff` of a number that means other people in between: what the random histories found at seeds 2, 9 and 13, held for good.
@Suite struct MovedNumberDiffTests {
    private struct Change: Equatable, CustomStringConvertible {
        var item: String
        var isVisible: Bool
        var day: String
        var events: [Int]

        var description: String { "\(day) \(isVisible ? "+" : "-")\(item)" }
    }

    private func changes(_ store: SafetyStore, _ from: String, _ to: String) throws -> [Change] {
        let request = ViewRequest(
            user: "consultant-1", patient: .init(SafetyStore.patient)!, at: When(to)!,
            asker: TemporaryStore.asker)
        let answer = try store.temporary.store.diff(request, from: When(from)!, to: When(to)!)
        return (try JSONDocument(answer.json).root["changes"]?.elements ?? []).map { change in
            Change(
                item: change["item"]?.string ?? "", isVisible: change["became"]?.string == "visible",
                day: String((change["time"]?.string ?? "").prefix(10)),
                events: (change["events"]?.elements ?? []).compactMap(\.int))
        }
    }

    private func head(_ store: SafetyStore) throws -> Int {
        Int(try store.temporary.store.log.head.position.value)
    }

    /// H1 bears the number, on the 2nd H2 does, on the 3rd H1 again: told in one file each time, so that both messages are batches of one
    /// commit.
    @Test func whoWasMeantInBetweenIsSaidWithWhatMovedTheNumber() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(MainJobTests.condition("c1", patient: "H1", text: "asthma"))
        try store.send(MainJobTests.patient("H2", number: "9990000034"))
        try store.send(MainJobTests.condition("c2", patient: "H2", text: "gout"))
        func move(_ lines: (String, String)..., at time: String) throws -> (first: Int, last: Int) {
            try store.at(time)
            let before = try head(store)
            let text = lines.map { MainJobTests.patient($0.0, number: $0.1) }.joined(separator: "\n")
            #expect(try store.temporary.ingest("RBD", text, name: "\(time).ndjson").accepted == 2)
            return (before + 1, try head(store))
        }
        let there = try move(
            ("H1", "9990000026"), ("H2", SafetyStore.patient), at: "2018-01-02T09:00:00Z")
        let back = try move(
            ("H2", "9990000042"), ("H1", SafetyStore.patient), at: "2018-01-03T09:00:00Z")
        try store.at("2018-01-05T09:00:00Z")
        let found = try changes(store, "2018-01-01T12:00:00Z", "2018-01-04T12:00:00Z")
        #expect(
            Set(found.map(\.description)) == [
                "2018-01-02 -Patient/RBD.H1", "2018-01-02 -Condition/RBD.c1", "2018-01-02 +Patient/RBD.H2",
                "2018-01-02 +Condition/RBD.c2", "2018-01-03 -Patient/RBD.H2", "2018-01-03 -Condition/RBD.c2",
                "2018-01-03 +Patient/RBD.H1", "2018-01-03 +Condition/RBD.c1",
            ])
        #expect(found.count == 8)
        for change in found {
            let moved = change.day == "2018-01-02" ? there : back
            #expect(
                change.events.contains { $0 >= moved.first && $0 <= moved.last }
                    && change.events.allSatisfy { $0 >= moved.first },
                "\(change): \(change.events), moved at \(moved)")
        }
        // At its ends all is the same.
        let seen = try store.view(at: "2018-01-01T12:00:00Z").answer.answer.items.map(\.reference)
        #expect(try store.view(at: "2018-01-04T12:00:00Z").answer.answer.items.map(\.reference) == seen)
    }

    /// Later messages of one file are not passed over.
    @Test func everyBatchOfOneCommitCounts() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.at("2018-01-02T09:00:00Z")
        let lines = ["c1", "c2", "c3"].map { MainJobTests.condition($0, patient: "H1", text: "asthma") }
        let before = try head(store)
        _ = try store.temporary.ingest("RBD", lines.joined(separator: "\n"), name: "three.ndjson")
        try store.at("2018-01-03T09:00:00Z")
        let found = try changes(store, "2018-01-01T12:00:00Z", "2018-01-02T12:00:00Z")
        #expect(found.map(\.item) == ["Condition/RBD.c1", "Condition/RBD.c2", "Condition/RBD.c3"])
        #expect(found.map(\.events) == [[before + 1], [before + 2], [before + 3]])
    }

    /// A number that was replaced leads nowhere from then on; what did it is the fact.
    @Test func aNumberThatWasReplacedIsAStep() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(MainJobTests.condition("c1", patient: "H1", text: "asthma"))
        try store.at("2018-01-02T09:00:00Z")
        let before = try head(store)
        try store.temporary.policy(
            #"- nhsNumberReplaced: {patient: {org: RBD, id: "H1"}, from: "9990000018", to: "9990000026", reason: adopted}"#
        )
        // Something that has nothing to do with it, later.
        try store.at("2018-01-03T09:00:00Z")
        try store.send(MainJobTests.condition("c9", patient: "H1", text: "gout"))
        try store.at("2018-01-05T09:00:00Z")
        let found = try changes(store, "2018-01-01T12:00:00Z", "2018-01-04T12:00:00Z")
        #expect(
            found.map(\.description).sorted() == [
                "2018-01-02 -Condition/RBD.c1", "2018-01-02 -Patient/RBD.H1",
            ])
        for change in found { #expect(change.events == [before + 1], "\(change): \(change.events)") }
    }
}
