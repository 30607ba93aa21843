import Foundation
import Intake
import Seeded
import Testing
import Wire

@testable import Server

/// What a practice says of its list, by FHIR and HL7 v2, in any order of arrival: whether the patient is on it at the end is what
/// the newest message that speaks of it says (decision 20, clause 9).
@Suite struct RegistrationOrderTests {
    private enum Word: CaseIterable {
        case here, elsewhere, silent, inactive, deleted
        case hereByHL7, elsewhereByHL7, silentByHL7, removedByHL7

        /// Whether it says that the patient is on the list; nil where it says nothing of it.
        var isOnList: Bool? {
            switch self {
            case .here, .hereByHL7: true
            case .silent, .silentByHL7: nil
            case .elsewhere, .inactive, .deleted, .elsewhereByHL7, .removedByHL7: false
            }
        }
    }

    private struct Sent {
        var word: Word
        var day: Int
    }

    private static func send(_ sent: Sent, to region: CareRelationshipTests.Region) throws {
        let day = String(format: "2018-01-%02d", sent.day)
        let time = "\(day)T09:00:00Z"
        switch sent.word {
        case .here: try region.send("ZZ101", at: time, CareRelationshipTests.registered(with: "ZZ101"))
        case .elsewhere: try region.send("ZZ101", at: time, CareRelationshipTests.registered(with: "ZZ102"))
        case .silent: try region.send("ZZ101", at: time, CareRelationshipTests.patient())
        case .inactive:
            try region.send(
                "ZZ101", at: time, CareRelationshipTests.registered(with: "ZZ101", #""active":false"#))
        case .deleted: try region.delete("ZZ101", at: time, "Patient/G7")
        case .hereByHL7: try sendHL7("ADT^A31", day, "PD1|||SURGERY^^ZZ101", to: region)
        case .elsewhereByHL7: try sendHL7("ADT^A28", day, "PD1|||OTHER^^ZZ102", to: region)
        case .silentByHL7: try sendHL7("ADT^A08", day, "PD1|||SURGERY^^ZZ101", to: region)
        case .removedByHL7: try sendHL7("ADT^A29", day, "PD1|||SURGERY^^ZZ101", to: region)
        }
    }

    private static func sendHL7(
        _ type: String, _ day: String, _ more: String, to region: CareRelationshipTests.Region
    ) throws {
        let text = [
            "MSH|^~\\&|GP|ZZ101|DCR|D|\(day.filter(\.isNumber))090000||\(type)|M\(day)|P|2.4",
            "PID|||G7^^^ZZ101^MR||TEST^ANN||19700101", more,
        ].joined(separator: "\r")
        let summary = try region.temporary.store.ingest(
            source: "ZZ101", inputs: [IngestInput(name: "\(day).hl7", bytes: Array(text.utf8))])
        #expect(summary.accepted == 1, "\(summary)")
    }

    /// Whether the practice sees the patient once every grace is over.
    private static func isOnList(after messages: [Sent]) throws -> Bool {
        let region = try CareRelationshipTests.Region(now: "2018-04-01T09:00:00Z")
        for one in messages { try send(one, to: region) }
        return try region.sees("gp-1", "ZZ101:G7")
    }

    @Test(arguments: 0..<16) func theNewestWordStandsWhateverTheOrder(seed: UInt64) throws {
        var rng = SplitMix64(seed: seed)
        let days = (1...28).shuffled(using: &rng).prefix(Int.random(in: 2...5, using: &rng)).sorted()
        let messages = days.map { day in
            Sent(word: Word.allCases.randomElement(using: &rng) ?? .here, day: day)
        }
        let expected = messages.compactMap(\.word.isOnList).last ?? false
        #expect(try Self.isOnList(after: messages) == expected, "in order: \(messages)")
        for _ in 0..<3 {
            let order = messages.shuffled(using: &rng)
            #expect(try Self.isOnList(after: order) == expected, "\(order)")
        }
    }

    /// The word that ends it comes behind a newer message that says nothing of it.
    @Test func anEndThatComesLateBehindASilentMessageEndsIt() throws {
        for (end, silent) in [(Word.elsewhere, Word.silent), (.elsewhereByHL7, .silentByHL7)] {
            let messages = [
                Sent(word: .here, day: 1), Sent(word: silent, day: 9), Sent(word: end, day: 5),
            ]
            #expect(try !Self.isOnList(after: messages), "\(end)")
            // But not behind one that says it goes on.
            let goesOn = [messages[0], Sent(word: .hereByHL7, day: 7), messages[1], messages[2]]
            #expect(try Self.isOnList(after: goesOn), "\(end)")
        }
    }

    /// What the survivor of a merge is said to be holds for the retired id; each id's own newest word stands all the same.
    @Test func aLateWordOnASurvivorEndsTheRetiredIDToo() throws {
        let region = try CareRelationshipTests.Region(now: "2018-04-01T09:00:00Z")
        func send(_ day: Int, _ id: String, with code: String) throws {
            try region.send(
                "ZZ101", at: String(format: "2018-01-%02dT09:00:00Z", day),
                CareRelationshipTests.registered(with: code, id: id))
        }
        for id in ["G7", "G8"] { try send(1, id, with: "ZZ101") }
        try region.temporary.policy(
            "- merged: {survivor: {org: ZZ101, id: G7}, retired: {org: ZZ101, id: G8}}")
        try send(3, "G7", with: "ZZ102")
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
        // Said again, and then what an older message says of the retired id.
        try send(8, "G7", with: "ZZ102")
        try send(6, "G8", with: "ZZ101")
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
        try send(9, "G8", with: "ZZ101")
        #expect(try region.sees("gp-1", "ZZ101:G7"))
    }

    @Test func theEndOfWhatNeverBeganOpensNothing() throws {
        for word in [Word.inactive, .removedByHL7, .elsewhere, .deleted] {
            let region = try CareRelationshipTests.Region(now: "2018-02-01T09:00:00Z")
            try Self.send(Sent(word: .silent, day: 20), to: region)
            try Self.send(Sent(word: word, day: 25), to: region)
            // Not even for the time of grace.
            #expect(try !region.sees("gp-1", "ZZ101:G7"), "\(word)")
        }
    }
}
