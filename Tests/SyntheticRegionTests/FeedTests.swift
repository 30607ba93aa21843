import CareRecord
import Foundation
import HL7
import Intake
import Testing
import Wire

@testable import SyntheticRegion

/// Feeds as real ones are: corrected, cancelled, resent, late, silent.
@Suite struct FeedTests {
    private static let deliveries: [(time: Instant, delivery: Delivery)] = SyntheticRegion(
        patients: 300, seed: 7
    ).compactMap {
        if case .messages(let delivery) = $0.action { ($0.time, delivery) } else { nil }
    }

    private static func texts(_ format: Delivery.Format) -> [String] {
        deliveries.filter { $0.delivery.format == format }.flatMap(\.delivery.messages).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test func everyBundleIsReadSaveThoseOfTwoPatients() throws {
        var refused = 0
        var read = 0
        for (_, delivery) in Self.deliveries where delivery.format == .fhir {
            let intake = FHIRIntake(
                source: delivery.source, sourceIsLocalAuthority: false, digest: { _ in [] })
            for message in delivery.messages {
                switch intake.message(message, file: delivery.file, line: 1) {
                case .success(let draft):
                    read += 1
                    #expect(draft.meta.isAboutPatient && !draft.meta.messageID.isEmpty)
                case .failure(let reject):
                    refused += 1
                    #expect(reject.code == .twoPatients, "\(reject)")
                }
            }
        }
        #expect(read > 1000 && (1...20).contains(refused))
    }

    @Test func everyHL7FileIsReadMessageByMessage() throws {
        for (_, delivery) in Self.deliveries where delivery.format == .hl7v2 {
            let file = HL7File(delivery.bytes)
            #expect(file.messages.count == delivery.messages.count, "\(delivery.file)")
        }
    }

    @Test func hospitalsSendEveryTurnOfAnAdmission() {
        let text = Self.texts(.hl7v2).joined()
        for trigger in ["A01", "A02", "A03", "A04", "A08", "A11", "A12", "A13", "A28", "A31", "A40"] {
            #expect(text.contains("|ADT^\(trigger)|"), "no \(trigger)")
        }
        // Preliminary, final, corrected, cancelled, entered in error; and reports in words.
        for status in ["P", "F", "C", "X", "W"] {
            #expect(text.contains("|||\(status)|||"), "no OBX-11 \(status)")
        }
        #expect(text.contains("|RAD|F") && text.contains("|TX|RPT^Report^L|"))
        #expect(text.contains("^^^NHS^NH~") && text.contains("|NSTS01\r") && text.contains("\rZU1|"))
    }

    @Test func messagesAreResentAndComeLate() throws {
        var seen: Set<String> = []
        var again = 0
        var late = 0
        for (time, delivery) in Self.deliveries {
            for message in delivery.messages {
                let text = String(decoding: message, as: UTF8.self)
                if !seen.insert("\(delivery.source) \(text)").inserted { again += 1 }
                guard let said = text.firstRange(of: /"timestamp":"[^"]+"/) else { continue }
                let stamp = text[said].dropFirst(#""timestamp":""#.count).dropLast()
                let instant = try #require(Instant(rfc3339: String(stamp)))
                if time.microseconds - instant.microseconds > 2 * 86_400_000_000 { late += 1 }
            }
        }
        #expect(again > 5 && late > 5)
    }

    @Test func aSilentFeedSendsAllOfItAfterwards() {
        let silent = Day(2020, 1, 6).at(0)..<Day(2020, 1, 31).at(0)
        let own = Self.deliveries.filter { $0.delivery.source == "ZZ102" }
        #expect(!own.contains { silent.contains($0.time) })
        let burst = own.filter { $0.time >= silent.upperBound && $0.time < Day(2020, 2, 1).at(0) }
        #expect(burst.contains { $0.delivery.messages.count > 1 })
    }
}
