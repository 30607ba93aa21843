import CareRecord
import Foundation
import Intake
import Testing
import Wire

@testable import Server

/// A hospital's feed through the whole store: who may see when, and who is whom.
@Suite struct HL7JobTests {
    final class Feed {
        let temporary: TemporaryStore
        private var number = 0

        init(_ region: String = MainJobTests.region, now: String = "2018-03-01T09:00:00Z") throws {
            temporary = try TemporaryStore(now: now)
            try temporary.apply(region)
        }

        static func segment(_ name: String, _ fields: [Int: String]) -> String {
            ([name] + (1...(fields.keys.max() ?? 1)).map { fields[$0] ?? "" }).joined(separator: "|")
        }

        static func pid(
            _ id: String, born: String = "19700101", name: String = "SMITH^ANN", more: [Int: String] = [:]
        ) -> String {
            segment("PID", [3: "\(id)^^^RBD^MR", 5: name, 7: born].merging(more) { $1 })
        }

        static func pv1(_ visit: String, more: [Int: String] = [:]) -> String {
            segment("PV1", [2: "I", 3: "WARD1", 19: visit, 44: "201802010900"].merging(more) { $1 })
        }

        @discardableResult
        func send(_ type: String, at: String, id: String? = nil, _ segments: [String]) throws -> IngestSummary
        {
            number += 1
            let text = (["MSH|^~\\&|PAS|RBD|DCR|D|\(at)||\(type)|\(id ?? "M\(number)")|P|2.4"] + segments)
                .joined(separator: "\r")
            return try temporary.store.ingest(
                source: "RBD", inputs: [IngestInput(name: "m\(number).hl7", bytes: Array(text.utf8))])
        }

        /// Whether the consultant may see the patient's record at an instant, or now.
        func sees(_ patient: String, at: String? = nil) throws -> Bool {
            try temporary.view("consultant-1", patient, at: at).answer.permitted
        }

        func subjects(_ patient: String) throws -> Set<String> {
            let record = try temporary.store.record(
                RecordRequest(patient: PatientReference(patient)!, asker: TemporaryStore.asker))
            return Set(record.answer.items.filter { $0.reference.hasPrefix("Patient/") }.map(\.reference))
        }

        func reviews() throws -> [IdentityReview] {
            try temporary.store.identityReviews(TemporaryStore.asker)
        }
    }

    @Test func aMessageThatComesInAFrameAndInAFileIsOne() throws {
        let feed = try Feed()
        let segments = [
            #"MSH|^~\&|PAS|RBD|DCR|D|201802010905||ADT^A28|M7|P|2.4"#, "EVN|A28|201802010905", Feed.pid("H7"),
        ]
        func take(_ text: String, _ name: String) throws -> IngestSummary {
            try feed.temporary.store.ingest(
                source: "RBD", inputs: [IngestInput(name: name, bytes: Array(text.utf8))])
        }
        // As a listener hands it on: whole, with the last carriage return.
        let wire = segments.joined(separator: "\r") + "\r"
        #expect(try take(wire, "mllp").accepted == 1)
        for (name, text) in [
            ("again", wire), ("frame", "\u{0B}\(wire)\u{1C}\r"), ("no-end", String(wire.dropLast())),
            ("lines", segments.joined(separator: "\n") + "\n"), ("dos", segments.joined(separator: "\r\n")),
            (
                "batch",
                (["FHS|^~\\&", "BHS|^~\\&"] + segments + ["BTS|1", "FTS|1"]).joined(separator: "\r\n")
            ),
        ] {
            let summary = try take(text, name)
            #expect(
                summary.duplicate == 1 && summary.accepted == 0 && summary.notes.isEmpty,
                "\(name): \(summary)")
        }
        // Another byte is another message.
        #expect(try take(wire.replacing("SMITH", with: "SMYTH"), "other").accepted == 1)
        // One that cannot be taken goes by the same rule.
        let broken = wire.replacing("H7^^^RBD^MR", with: "")
        #expect(try take(broken.replacing("|M7|", with: "|M8|"), "q").quarantined == 1)
        #expect(
            try take(broken.replacing("|M7|", with: "|M8|").replacing("\r", with: "\n"), "q.hl7").duplicate
                == 1)
    }

    @Test func anAdmissionLetsTheHospitalSeeAndADischargeEndsItAfterGrace() throws {
        let feed = try Feed(now: "2018-02-01T10:00:00Z")
        try feed.send("ADT^A28", at: "20180201085500", [Feed.pid("H1")])
        #expect(try !feed.sees("RBD:H1"))
        try feed.send("ADT^A01", at: "20180201090500", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(try feed.sees("RBD:H1"))
        try feed.send(
            "ADT^A03", at: "20180201093000", [Feed.pid("H1"), Feed.pv1("V1", more: [45: "201802010930"])])
        #expect(try feed.sees("RBD:H1"))
        // Grace is P42D: the last day of it, and the day after.
        #expect(try feed.sees("RBD:H1", at: "2018-03-15"))
        #expect(try !feed.sees("RBD:H1", at: "2018-03-16"))
    }

    @Test func aCancelledAdmissionEndsAtOnceAndACancelledDischargeGoesOn() throws {
        let feed = try Feed()
        try feed.send("ADT^A01", at: "20180201090500", [Feed.pid("H1"), Feed.pv1("V1")])
        try feed.send("ADT^A11", at: "20180201091000", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(try !feed.sees("RBD:H1"))
        try feed.send("ADT^A01", at: "20180201100000", [Feed.pid("H2"), Feed.pv1("V2")])
        try feed.send(
            "ADT^A03", at: "20180201110000", [Feed.pid("H2"), Feed.pv1("V2", more: [45: "201802011100"])])
        #expect(try !feed.sees("RBD:H2", at: "2018-06-01"))
        try feed.send("ADT^A13", at: "20180201120000", [Feed.pid("H2"), Feed.pv1("V2")])
        #expect(try feed.sees("RBD:H2", at: "2018-06-01"))
    }

    @Test func aCancelOfSomethingUnknownIsTakenRaisedAndRemembered() throws {
        let feed = try Feed()
        let summary = try feed.send("ADT^A11", at: "20180201091000", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(summary.accepted == 1 && summary.notes.map(\.kind) == [.raised])
        // Its admission comes late: what was cancelled after it stays so.
        try feed.send("ADT^A01", at: "20180201090500", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(try !feed.sees("RBD:H1"))
        // A new one is an admission.
        try feed.send("ADT^A01", at: "20180202090500", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(try feed.sees("RBD:H1"))
    }

    @Test func anOlderMessageNeverUndoesANewerOne() throws {
        let feed = try Feed()
        try feed.send(
            "ADT^A03", at: "20180201110000", [Feed.pid("H1"), Feed.pv1("V1", more: [45: "201802011100"])])
        try feed.send("ADT^A01", at: "20180201090500", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(try feed.sees("RBD:H1", at: "2018-03-10"))
        #expect(try !feed.sees("RBD:H1", at: "2018-06-01"))
        let record = try feed.temporary.store.record(
            RecordRequest(patient: PatientReference("RBD:H1")!, asker: TemporaryStore.asker))
        let encounter = try #require(record.answer.items.first { $0.reference.hasPrefix("Encounter/") })
        #expect(String(decoding: encounter.resource ?? [], as: UTF8.self).contains(#""status":"finished""#))
    }

    @Test func aVisitGivenToAnotherPatientIsNoLongerTheFirsts() throws {
        let feed = try Feed()
        try feed.send("ADT^A01", at: "20180201090500", [Feed.pid("H1"), Feed.pv1("V1")])
        try feed.send("ADT^A08", at: "20180201093000", [Feed.pid("H2"), Feed.pv1("V1")])
        #expect(try !feed.sees("RBD:H1"))
        #expect(try feed.sees("RBD:H2"))
    }

    @Test func aMergeJoinsAndItsReplayAndReversalAreDefined() throws {
        let feed = try Feed()
        for id in ["H1", "H2", "H3"] { try feed.send("ADT^A28", at: "20180201090000", [Feed.pid(id)]) }
        let merge = [Feed.pid("H1"), "MRG|H2^^^RBD^MR"]
        try feed.send("ADT^A40", at: "20180201100000", merge)
        #expect(try feed.subjects("RBD:H1").count == 2)
        let head = feed.temporary.store.log.headPosition
        // Replayed under another id: nothing new but the message.
        try feed.send("ADT^A40", at: "20180201100000", merge)
        let after = feed.temporary.store.log.headPosition
        #expect(after.value - head.value == 2)
        // Chained and cyclic: one patient.
        try feed.send("ADT^A40", at: "20180201110000", [Feed.pid("H3"), "MRG|H1^^^RBD^MR"])
        try feed.send("ADT^A40", at: "20180201120000", [Feed.pid("H2"), "MRG|H3^^^RBD^MR"])
        #expect(try feed.subjects("RBD:H2").count == 3)
        // Undone: the edges between H1 and H2 go, the chain still joins them through H3.
        try feed.send("ADT^A37", at: "20180201130000", [Feed.pid("H1"), Feed.pid("H2")])
        #expect(try feed.subjects("RBD:H1").count == 3)
        try feed.send("ADT^A37", at: "20180201140000", [Feed.pid("H3"), Feed.pid("H2")])
        #expect(try feed.subjects("RBD:H2").count == 1)
        #expect(try feed.subjects("RBD:H1").count == 2)
        // The old merge comes again, late: what undid it is newer.
        try feed.send("ADT^A40", at: "20180201103000", merge)
        #expect(try feed.subjects("RBD:H2").count == 1)
        #expect(try feed.reviews().map(\.reason) == [.raised(.setApart)])
        // A newer one joins them again.
        try feed.send("ADT^A40", at: "20180202100000", merge)
        #expect(try feed.subjects("RBD:H2").count == 3)
    }

    @Test func aMessageToARetiredIDIsTakenAndRaisedOnce() throws {
        let feed = try Feed()
        try feed.send("ADT^A28", at: "20180201090000", [Feed.pid("H1")])
        // Unknown prior: the merge waits for it.
        try feed.send("ADT^A40", at: "20180201100000", [Feed.pid("H1"), "MRG|H2^^^RBD^MR"])
        #expect(try feed.reviews().isEmpty)
        let late = try feed.send("ADT^A28", at: "20180201110000", [Feed.pid("H2")])
        #expect(late.accepted == 1 && late.notes.map(\.kind) == [.raised])
        #expect(try feed.subjects("RBD:H1").count == 2)
        try feed.send("ADT^A28", at: "20180201120000", [Feed.pid("H2")])
        let review = try #require(try feed.reviews().first)
        #expect(try feed.reviews().count == 1 && review.reason == .raised(.retiredID))
        _ = try feed.temporary.store.decide(
            review.id, link: true, reason: "told them", asker: TemporaryStore.asker)
        #expect(try feed.reviews().isEmpty)
        try feed.send("ADT^A28", at: "20180201130000", [Feed.pid("H2")])
        #expect(try feed.reviews().isEmpty)
    }

    /// The oracle's seed 23 found a second review for the same id, once its survivor appeared.
    @Test func aMessageToARetiredIDIsRaisedOnceThoughItsSurvivorComesLater() throws {
        let feed = try Feed()
        try feed.temporary.policy(
            #"- merged: {survivor: {org: RBD, id: "H1"}, retired: {org: RBD, id: "H2"}}"#)
        try feed.send("ADT^A28", at: "20180201110000", [Feed.pid("H2")])
        #expect(try feed.reviews().map(\.reason) == [.raised(.retiredID)])
        try feed.send("ADT^A28", at: "20180201113000", [Feed.pid("H1")])
        try feed.send("ADT^A28", at: "20180201120000", [Feed.pid("H2")])
        #expect(try feed.reviews().map(\.reason) == [.raised(.retiredID)])
        #expect(try feed.subjects("RBD:H1").count == 2)
    }

    @Test func generationsApartAreNotMergedAndPeopleSetApartStaySo() throws {
        let feed = try Feed()
        try feed.send("ADT^A28", at: "20180201090000", [Feed.pid("M1", born: "19880101")])
        try feed.send("ADT^A28", at: "20180201090000", [Feed.pid("B1", born: "20180201", name: "SMITH^BABY")])
        try feed.send("ADT^A40", at: "20180201100000", [Feed.pid("M1", born: "19880101"), "MRG|B1^^^RBD^MR"])
        #expect(try feed.subjects("RBD:M1").count == 1)
        let review = try #require(try feed.reviews().first)
        #expect(review.reason == .raised(.birthDatesDiffer) && review.birthDates == .different)
        _ = try feed.temporary.store.decide(review.id, link: false, reason: nil, asker: TemporaryStore.asker)
        try feed.send("ADT^A24", at: "20180202100000", [Feed.pid("M1", born: ""), Feed.pid("B1", born: "")])
        #expect(try feed.subjects("RBD:M1").count == 1)
        #expect(try feed.reviews().map(\.reason) == [.raised(.setApart)])
    }

    @Test func aDeletedPersonGoesToReviewAndStays() throws {
        let feed = try Feed()
        try feed.send("ADT^A28", at: "20180201090000", [Feed.pid("H1")])
        try feed.send("ADT^A29", at: "20180201100000", [Feed.pid("H1")])
        #expect(try feed.subjects("RBD:H1").count == 1)
        let review = try #require(try feed.reviews().first)
        #expect(review.subjects.map(\.description) == ["RBD:H1"])
        #expect(throws: StoreError.self) {
            try feed.temporary.store.decide(review.id, link: true, reason: nil, asker: TemporaryStore.asker)
        }
        _ = try feed.temporary.store.decide(review.id, link: false, reason: nil, asker: TemporaryStore.asker)
        #expect(try feed.reviews().isEmpty)
    }

    @Test func twoWhoBearOneNumberAreInTheQueueUntilSomebodyDecides() throws {
        let feed = try Feed()
        func person(_ id: String, _ name: String) -> String {
            Feed.segment(
                "PID", [3: "\(id)^^^RBD^MR~9990000018^^^NHS^NH", 5: name, 7: "19700101", 32: "NSTS01"])
        }
        try feed.send("ADT^A28", at: "20180201090000", [person("H1", "SMITH^ANN")])
        try feed.send("ADT^A28", at: "20180201090000", [person("H2", "JONES^BETH")])
        let review = try #require(try feed.reviews().first)
        #expect(
            review.reason == .sameNumber && review.birthDates == .same && review.familyNames == .different)
        #expect(review.isVerified == true)
        // Each listing leaves a receipt about both.
        let receipts = try feed.temporary.store.accesses(
            TrailRequest(patient: PatientReference("RBD:H2")!, asker: TemporaryStore.asker))
        #expect(receipts.contains { $0.receipt.question == .identityReview })
        _ = try feed.temporary.store.decide(review.id, link: true, reason: nil, asker: TemporaryStore.asker)
        #expect(try feed.reviews().isEmpty)
        #expect(try feed.subjects("9990000018").count == 2)
    }

    @Test func aCorrectedResendClosesTheQuarantinedOne() throws {
        let feed = try Feed()
        let bad = try feed.send("ADT^A01", at: "20180201090500", id: "X1", [Feed.pid("H1")])
        #expect(bad.quarantined == 1)
        let entry = try #require(try feed.temporary.store.openQuarantine().first)
        #expect(entry.entry.path == "PV1" && entry.entry.code == "missing-segment")
        let good = try feed.send("ADT^A01", at: "20180201090500", id: "X1", [Feed.pid("H1"), Feed.pv1("V1")])
        #expect(good.accepted == 1 && good.notes.map(\.kind) == [.closedQuarantine])
        #expect(try feed.temporary.store.openQuarantine().isEmpty)
    }

    @Test func theSameMessageAgainIsNoNewEventAndTheSameIDWithOtherBytesIsRaised() throws {
        let feed = try Feed()
        try feed.send("ADT^A28", at: "20180201090000", id: "X", [Feed.pid("H1")])
        #expect(try feed.send("ADT^A28", at: "20180201090000", id: "X", [Feed.pid("H1")]).duplicate == 1)
        let other = try feed.send(
            "ADT^A28", at: "20180201090000", id: "X", [Feed.pid("H1", name: "SMITH^ANNE")])
        #expect(other.accepted == 1 && other.notes.map(\.kind) == [.sameIDOtherBytes])
    }

    @Test func aRetryOfWhatIsStillWrongIsRefusedAndItsBytesAreKept() throws {
        let feed = try Feed()
        let bytes = Array("MSH|^~\\&|P|R|||20180201||ADT^A01|9|P|2.4\rPID|||H1".utf8)
        _ = try feed.temporary.store.ingest(source: "RBD", inputs: [IngestInput(name: "x", bytes: bytes)])
        let entry = try #require(try feed.temporary.store.openQuarantine().first)
        #expect(throws: StoreError.self) { try feed.temporary.store.retryQuarantined(id: entry.id) }
        #expect(
            try feed.temporary.store.quarantined(id: entry.id, asker: TemporaryStore.asker).bytes == bytes)
        #expect(try feed.temporary.store.openQuarantine().map(\.id) == [entry.id])
    }

    @Test func aFileOfManyMessagesNamesTheLineOfEach() throws {
        let feed = try Feed()
        let one = "MSH|^~\\&|P|R|||20180201||ADT^A28|1|P|2.4\nPID|||H1\n"
        let two = "\nMSH|^~\\&|P|R|||20180201||ADT^A99|2|P|2.4\nPID|||H1\n"
        let summary = try feed.temporary.store.ingest(
            source: "RBD", inputs: [IngestInput(name: "batch.hl7", bytes: Array((one + two).utf8))])
        #expect(summary.accepted == 1 && summary.quarantined == 1)
        #expect(try feed.temporary.store.openQuarantine().first?.entry.location == "line 4, MSH-9")
    }
}
