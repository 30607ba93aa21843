import CareRecord
import Intake
import Projections
import Testing
import Wire

@testable import Server

/// `daybook feeds`: what each source sent, and whether it fell silent.
@Suite struct FeedTests {
    private let safety: SafetyStore

    init() throws { safety = try SafetyStore() }

    private func feed(_ source: String = "RBD") throws -> FeedStatus {
        try #require(try safety.temporary.store.feeds().first { $0.source == source })
    }

    @Test func whatBecameOfMessagesIsCounted() throws {
        #expect(try feed().status == .never && feed().isSilent && feed().last == nil)
        try safety.at("2018-01-02T09:00:00Z")
        try safety.admit()
        let message = SafetyStore.observation(
            #""status":"final","valueString":"high""#, asserted: "2018-01-02T08:50:00Z")
        try safety.send(message, name: "once")
        var found = try feed()
        #expect(found.accepted == 2 && found.duplicate == 0 && found.quarantined == 0)
        #expect(found.status == .live && !found.isSilent)
        #expect(found.lag.map { $0 / 1_000_000 } == 600)
        _ = try safety.temporary.ingest("RBD", message, name: "once")
        #expect(try feed().duplicate == 1 && feed().accepted == 2)
        _ = try safety.temporary.ingest("RBD", "{", name: "broken")
        found = try feed()
        #expect(found.quarantined == 1 && found.accepted == 2)
        #expect(try feed("ZZ101").accepted == 0)
    }

    @Test func aMessageOfSeveralRecordsIsOne() throws {
        try safety.admit("RBD", "H1")
        let condition = #"{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/%"}}"#
        try safety.send(condition.replacing("%", with: "H1"))
        // It takes the item out of the first patient's record, in a record of its own.
        try safety.send(condition.replacing("%", with: "H2"))
        #expect(try feed().accepted == 3)
    }

    @Test(arguments: [
        ("2018-01-02T10:59:00Z", SourceStatus.Status.live), ("2018-01-02T11:01:00Z", .late),
        ("2018-01-02T15:01:00Z", .down),
    ])
    func silenceIsTold(_ time: String, _ status: SourceStatus.Status) throws {
        try safety.at("2018-01-02T09:00:00Z")
        try safety.admit()
        try safety.at(time)
        #expect(try feed().status == status && feed().isSilent == (status != .live))
    }

    @Test func countsAreTheSameWhenBuiltAnewAndAfterAnErasure() throws {
        let fixture = try ErasureFixture()
        let before = try fixture.store.feeds()
        // q1 to q5 of the fixture, and two with HL7 inside JSON; q6 to q9 are the hospital's.
        #expect(before.first { $0.source == "ZZ101" }?.quarantined == 7)
        #expect(before.first { $0.source == "RBD" }?.quarantined == 4)
        let plan = try fixture.store.erasurePlan(fixture.request(ErasureFixture.number, allLinked: true))
        _ = try fixture.store.erase(
            fixture.request(ErasureFixture.number, allLinked: true, confirmation: plan.code))
        #expect(try fixture.store.rebuildProjection("identity").difference == nil)
        #expect(try fixture.store.feeds() == before)
    }
}
