import CareRecord
import Seeded
import Testing
import Wire

@testable import Server

/// Merges, links and their undoing in any order of arrival: whether two are one at the end is what the newest message says
/// (decision 8, clause 26).
@Suite struct JointOrderTests {
    typealias Feed = HL7JobTests.Feed

    private static func feed() throws -> Feed {
        let feed = try Feed()
        for id in ["H1", "H2"] { try feed.send("ADT^A28", at: "20180201080000", [Feed.pid(id)]) }
        return feed
    }

    private static func send(_ event: String, _ hour: Int, to feed: Feed) throws {
        let other = event == "A40" ? "MRG|H2^^^RBD^MR" : Feed.pid("H2")
        let time = "201802\(hour < 10 ? "0" : "")\(hour)090000"
        let summary = try feed.send("ADT^\(event)", at: time, [Feed.pid("H1"), other])
        #expect(summary.accepted == 1)
    }

    @Test(arguments: 0..<12) func theNewestWordStandsWhateverTheOrder(seed: UInt64) throws {
        var rng = SplitMix64(seed: seed)
        let days = (2...25).shuffled(using: &rng).prefix(Int.random(in: 2...5, using: &rng)).sorted()
        let messages = days.map { ($0, ["A40", "A24", "A37"].randomElement(using: &rng) ?? "A40") }
        let areOne = messages.last?.1 != "A37"
        for turn in 0..<4 {
            let order = turn == 0 ? messages : messages.shuffled(using: &rng)
            let feed = try Self.feed()
            for (day, event) in order { try Self.send(event, day, to: feed) }
            #expect(try (feed.subjects("RBD:H1").count == 2) == areOne, "\(order)")
        }
    }

    /// A newer word that changes nothing holds against an older one that comes after it.
    @Test(arguments: [("A40", "A37"), ("A24", "A37"), ("A37", "A40"), ("A37", "A24")])
    func whatIsSaidAgainStandsAgainstAnOlderWord(_ said: String, _ contrary: String) throws {
        let feed = try Self.feed()
        try Self.send(said, 3, to: feed)
        let facts = try feed.temporary.store.head().position.value
        try Self.send(said, 9, to: feed)
        // The message and its bytes: no further fact, however often it is said again.
        #expect(try feed.temporary.store.head().position.value == facts + 2)
        try Self.send(contrary, 6, to: feed)
        #expect(try feed.subjects("RBD:H1").count == (said == "A37" ? 1 : 2))
        #expect(try feed.temporary.store.alerts(nil, asker: TemporaryStore.asker).isEmpty)
        try Self.send(contrary, 12, to: feed)
        #expect(try feed.subjects("RBD:H1").count == (said == "A37" ? 2 : 1))
    }

    /// Of each kind of joint the newest word counts, whatever was said of the other.
    @Test func aMergeReversedStaysSoBesideALinkThatANewerMessageMade() throws {
        let feed = try Self.feed()
        for (event, day) in [("A40", 2), ("A24", 20), ("A37", 4), ("A37", 8)] {
            try Self.send(event, day, to: feed)
        }
        #expect(try feed.subjects("RBD:H1").count == 2)
        try Self.send("A40", 6, to: feed)
        #expect(try feed.reviews().map(\.reason) == [.raised(.setApart)])
        // Nobody is retired: a message to the id raises nothing.
        try feed.send("ADT^A28", at: "20180226090000", [Feed.pid("H2")])
        #expect(try feed.reviews().count == 1)
    }

    /// The oracle's seed 293: somebody's number is known by a fact, and their record comes with that of another who bears it.
    @Test(arguments: [false, true]) func aNumberKnownByAFactLinksHoweverTheMessagesCome(together: Bool) throws
    {
        let temporary = try TemporaryStore()
        try temporary.apply(MainJobTests.region)
        try temporary.policy(
            "- nhsNumberReplaced: {patient: {org: RBD, id: P1}, from: \"9990000026\", to: \"9990000018\", reason: changed}"
        )
        let messages = [
            ("first", MainJobTests.patient("P1", number: "9990000026", verified: false)),
            ("second", MainJobTests.patient("P2")),
        ].map { IngestInput(name: $0.0 + ".json", bytes: Array($0.1.utf8)) }
        for inputs in together ? [messages] : messages.map({ [$0] }) {
            #expect(try temporary.store.ingest(source: "RBD", inputs: inputs).accepted == inputs.count)
        }
        let record = try temporary.store.record(
            RecordRequest(patient: PatientReference("RBD:P2")!, asker: TemporaryStore.asker))
        #expect(record.answer.items.count { $0.reference.hasPrefix("Patient/") } == 2)
    }

    @Test(arguments: ["A40", "A24"]) func whoAPersonSetApartStaysApart(_ event: String) throws {
        let feed = try Self.feed()
        try feed.temporary.policy(
            #"- unlinked: {a: {org: RBD, id: "H1"}, b: {org: RBD, id: "H2"}, reason: "two people"}"#)
        // Said later than the person recorded it, by the sender's clock.
        try feed.temporary.reopen(now: "2018-03-02T09:00:00Z")
        let other = event == "A40" ? "MRG|H2^^^RBD^MR" : Feed.pid("H2")
        try feed.send("ADT^\(event)", at: "20180302083000", [Feed.pid("H1"), other])
        #expect(try feed.reviews().map(\.reason) == [.raised(.setApart)])
        #expect(try feed.subjects("RBD:H1").count == 1)
    }
}
