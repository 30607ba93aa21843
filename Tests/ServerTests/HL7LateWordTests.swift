import CareRecord
import Intake
import Projections
import Testing
import Wire

@testable import Server

/// Words that come late, go back and forth, or are taken back: the newest one stands, whatever came when.
@Suite struct HL7LateWordTests {
    typealias Feed = HL7JobTests.Feed

    private static func report(_ value: String) -> [String] {
        [
            "OBR|1||R1|BAT^Battery^L|||201802010800",
            "OBX|1|NM|718-7^Haemoglobin^LN||\(value)|g/L||||F|||201802010800",
        ]
    }

    /// What is held of a patient but who they are, and what was once.
    private static func held(_ feed: Feed, _ patient: String) throws -> (items: [String], gone: [String]) {
        let record = try feed.temporary.store.record(
            RecordRequest(patient: PatientReference(patient)!, asker: TemporaryStore.asker))
        let types = { (items: [ViewItem]) in
            items.map { String($0.reference.prefix { $0 != "/" }) }.filter { $0 != "Patient" }
        }
        return (types(record.answer.items), types(record.answer.tombstones))
    }

    @Test func aVisitThatGoesToAnotherPatientAndBackIsOneAtATime() throws {
        let feed = try Feed()
        try feed.send("ADT^A01", at: "20180201090500", [Feed.pid("H1"), Feed.pv1("V1")])
        try feed.send("ADT^A08", at: "20180201093000", [Feed.pid("H2"), Feed.pv1("V1")])
        try feed.send("ADT^A08", at: "20180201100000", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(try feed.sees("RBD:H1"))
        #expect(try !feed.sees("RBD:H2"))
        try feed.send("ADT^A08", at: "20180201103000", [Feed.pid("H2"), Feed.pv1("V1")])
        #expect(try !feed.sees("RBD:H1"))
        #expect(try feed.sees("RBD:H2"))
    }

    @Test func anOlderWordOnWhoseAVisitIsChangesNothing() throws {
        let feed = try Feed()
        try feed.send("ADT^A01", at: "20180201100000", [Feed.pid("H2"), Feed.pv1("V1")])
        try feed.send("ADT^A01", at: "20180201090500", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(try !feed.sees("RBD:H1"))
        #expect(try feed.sees("RBD:H2"))
        #expect(try Self.held(feed, "RBD:H1") == ([], ["Encounter"]))
        #expect(try Self.held(feed, "RBD:H2") == (["Encounter"], []))
    }

    @Test func anOlderWordOnWhoseAResultIsChangesNothingAndANewerOneDoes() throws {
        let feed = try Feed()
        let both = ["DiagnosticReport", "Observation"]
        try feed.send("ORU^R01", at: "20180201100000", [Feed.pid("H2")] + Self.report("140"))
        try feed.send("ORU^R01", at: "20180201090000", [Feed.pid("H1")] + Self.report("90"))
        #expect(try Set(Self.held(feed, "RBD:H1").gone) == Set(both))
        #expect(try Self.held(feed, "RBD:H1").items.isEmpty)
        #expect(try Set(Self.held(feed, "RBD:H2").items) == Set(both))
        try feed.send("ORU^R01", at: "20180201110000", [Feed.pid("H1")] + Self.report("140"))
        #expect(try Set(Self.held(feed, "RBD:H1").items) == Set(both))
        #expect(try Self.held(feed, "RBD:H2").items.isEmpty)
        #expect(try Set(Self.held(feed, "RBD:H2").gone) == Set(both))
    }

    /// The oracle's seed 86: both messages in one file, about patients nobody had heard of.
    @Test(arguments: [["20180201100000", "20180201090000"], ["20180201090000", "20180201100000"]])
    func ofTwoMessagesInOneFileTheNewerOneSaysWhoseAResultIs(times: [String]) throws {
        let feed = try Feed()
        let messages = zip(["H1", "H2"], times).map { id, time in
            (["MSH|^~\\&|PAS|RBD|DCR|D|\(time)||ORU^R01|\(id)|P|2.4", Feed.pid(id)] + Self.report("140"))
                .joined(separator: "\r") + "\r"
        }
        let summary = try feed.temporary.store.ingest(
            source: "RBD", inputs: [IngestInput(name: "both.hl7", bytes: Array(messages.joined().utf8))])
        #expect(summary.accepted == 2)
        let newer = times[0] > times[1] ? "RBD:H1" : "RBD:H2"
        for patient in ["RBD:H1", "RBD:H2"] {
            let held = try Self.held(feed, patient)
            #expect(held.items.count == (patient == newer ? 2 : 0), "\(patient) \(held)")
            #expect(held.gone.count == (patient == newer ? 0 : 2), "\(patient) \(held)")
        }
    }

    @Test func aMergeReversedLeavesAnIDRetiredByAnother() throws {
        let feed = try Feed()
        for id in ["H1", "H2", "H3"] { try feed.send("ADT^A28", at: "20180201090000", [Feed.pid(id)]) }
        try feed.send("ADT^A40", at: "20180201100000", [Feed.pid("H1"), "MRG|H2^^^RBD^MR"])
        try feed.send("ADT^A40", at: "20180201110000", [Feed.pid("H3"), "MRG|H2^^^RBD^MR"])
        try feed.send("ADT^A37", at: "20180201120000", [Feed.pid("H3"), Feed.pid("H2")])
        try feed.send("ADT^A28", at: "20180201130000", [Feed.pid("H2")])
        let review = try #require(try feed.reviews().first)
        #expect(review.reason == .raised(.retiredID))
        #expect(review.subjects.map(\.description) == ["RBD:H2", "RBD:H1"])
    }

    @Test func aLinkWithOneAGenerationYoungerByTheLinksOwnWordGoesToReview() throws {
        let feed = try Feed()
        try feed.send("ADT^A28", at: "20180201090000", [Feed.pid("M1", born: "19880101")])
        try feed.send(
            "ADT^A24", at: "20180201100000", [Feed.pid("M1", born: ""), Feed.pid("B1", born: "20180201")])
        #expect(try feed.reviews().map(\.reason) == [.raised(.birthDatesDiffer)])
        try feed.send("ADT^A28", at: "20180201110000", [Feed.pid("B1", born: "")])
        #expect(try feed.subjects("RBD:M1").count == 1)
    }

    @Test func aFeedThatPartsTwoRaisesOneAlertForItsOwnOfficers() throws {
        let feed = try Feed()
        for id in ["H1", "H2", "H3"] { try feed.send("ADT^A28", at: "20180201090000", [Feed.pid(id)]) }
        let pair = [Feed.pid("H1"), Feed.pid("H2")]
        try feed.send("ADT^A24", at: "20180201100000", pair)
        try feed.send("ADT^A40", at: "20180201100000", [Feed.pid("H1"), "MRG|H2^^^RBD^MR"])
        // Two who were never joined: they are kept apart, and nobody saw them as one.
        try feed.send("ADT^A37", at: "20180201110000", [Feed.pid("H1"), Feed.pid("H3")])
        let alerts = { try feed.temporary.store.alerts(nil, asker: TemporaryStore.asker) }
        #expect(try alerts().isEmpty)
        try feed.send("ADT^A37", at: "20180201120000", pair)
        let alert = try #require(try alerts().first)
        #expect(try alerts().count == 1 && alert.alert.kind == .unlinked)
        #expect(alert.alert.organisations == ["RBD"] && alert.alert.user == nil)
        let cause = try #require(try feed.temporary.store.identityFact(at: alert.about))
        #expect(cause.fact.kind == .unlinked)
        // Again: they are apart already.
        try feed.send("ADT^A37", at: "20180201130000", pair)
        #expect(try alerts().count == 1)
    }
}
