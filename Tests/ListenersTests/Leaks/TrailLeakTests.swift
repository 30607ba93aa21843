import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// What the trail tells: of accesses, and of nobody and nothing that whoever reads does not know of.
@Suite struct TrailLeakTests {
    private let number = ServedStore.number
    private static let other = "9990177023"

    private func privacy(_ served: ServedStore) throws -> String {
        try served.development("privacy-1", scope: "user/*.rs")
    }

    private func events(_ response: TestResponse) -> [[String: Any]] {
        (response.json["entry"] as? [[String: Any]] ?? []).compactMap { $0["resource"] as? [String: Any] }
    }

    private func queries(_ response: TestResponse) -> [String] {
        events(response).flatMap { $0["entity"] as? [[String: Any]] ?? [] }.compactMap {
            ($0["query"] as? String).flatMap { Data(base64Encoded: $0) }.map {
                String(decoding: $0, as: UTF8.self)
            }
        }
    }

    /// A reading of A's trail meets receipts about A and B. B's own trail does not tell whose else was read.
    @Test func nobodyReadsAnothersNumberInTheirOwnTrail() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            for patient in [number, Self.other] {
                _ = try await client.get("Observation?patient.identifier=\(patient)", served.token())
            }
            let privacy = try privacy(served)
            // About everybody, then about one.
            #expect(try await client.get("AuditEvent?_count=50", privacy).status == .ok)
            let before = try served.store.log.head.position
            #expect(
                try await client.get("AuditEvent?patient.identifier=\(number)", privacy).status == .ok)
            let reading = try #require(try served.accesses(after: before).first)
            let own = try served.development(nil, scope: "patient/AuditEvent.rs", patient: Self.other)
            let trail = try await client.get("AuditEvent?_count=500", own)
            #expect(trail.status == .ok && !events(trail).isEmpty, "\(trail.text)")
            #expect(!queries(trail).contains { $0.contains(number) } && !trail.text.contains(number))
            #expect(!trail.text.contains("receipt-\(reading.position.value)"))
            // Nor what was asked about themself: it may name items, and what others typed.
            #expect(queries(trail).isEmpty)
            #expect(trail.text.contains(#""outcome":"4""#))
        }
    }

    /// Refusals are told as their askers were told them: known or not, the same.
    @Test func aRefusalDoesNotTellWhoIsKnown() async throws {
        let served = try ServedStore()
        try served.policy(Array("- shieldSet: {patient: \"\(number)\", reason: court order}\n".utf8))
        let unknown = "9990177031".replacing("9990177031", with: "9990000018")
        try await served.serving(beat: .zero) { client in
            let privacy = try privacy(served)
            func event(_ path: String) async throws -> String {
                let answer = try await client.get(path, privacy)
                #expect(answer.status.code >= 400, "\(path)")
                let receipt = try #require(answer.headers[FHIRAnswer.receipt])
                let event = try await client.get("AuditEvent/receipt-\(receipt)", privacy)
                #expect(event.status == .ok, "\(path): \(event.text)")
                var text = event.text.replacing(/[0-9a-f]{32}/, with: "").replacing(receipt, with: "N")
                    .replacing(/"(recorded|lastUpdated)":"[^"]*"/, with: "")
                for match in text.matches(of: /"query":"([^"]*)"/).reversed() {
                    let query = Data(base64Encoded: String(match.1)).map {
                        String(decoding: $0, as: UTF8.self)
                    }
                    text.replaceSubrange(match.range, with: query ?? "")
                }
                return text
            }
            for (known, none, names) in [
                (
                    "Observation?patient.identifier=\(number)", "Observation?patient.identifier=\(unknown)",
                    [number, unknown]
                ),
                (
                    "Observation?patient=ZZH01.H7731", "Observation?patient=ZZH01.H7739",
                    ["H7731", "H7739"]
                ),
                ("Observation/ZZH01.o-k", "Observation/ZZH01.o-no", ["o-k", "o-no"]),
                ("Observation/ZZH01.o-k/_history", "Observation/ZZH01.o-no/_history", ["o-k", "o-no"]),
                (
                    "Observation/ZZH01.o-k?_asof=2018-02-06", "Observation/ZZH01.o-no?_asof=2018-02-06",
                    ["o-k", "o-no"]
                ),
            ] {
                var (a, b) = (try await event(known), try await event(none))
                for name in names { (a, b) = (a.replacing(name, with: "X"), b.replacing(name, with: "X")) }
                #expect(a == b, "\(known)\n\(a)\n\(b)")
                #expect(!a.contains("H7731"), "\(a)")
            }
            // Nor by asking for the trail of a patient, whether it has grown.
            let receipt = try #require(
                try await client.get("Observation/ZZH01.o-k", privacy).headers[FHIRAnswer.receipt])
            let trail = try await client.get("AuditEvent?patient.identifier=\(number)", privacy)
            #expect(!trail.text.contains("receipt-\(receipt)"))
        }
    }

    /// A shielded patient's source, which is where they are, stands in no event about them.
    @Test func aShieldedPatientsSourceIsNotTold() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            _ = try await client.get("Observation/ZZH01.o-k", served.token())
            try served.policy(Array("- shieldSet: {patient: \"\(number)\", reason: court order}\n".utf8))
            _ = try await client.get("Observation?patient.identifier=\(number)", served.token())
            let privacy = try privacy(served)
            for path in ["AuditEvent?_count=500", "AuditEvent?patient.identifier=\(number)"] {
                let trail = try await client.get(path, privacy)
                #expect(trail.status == .ok && trail.text.contains("dr-rowan"), "\(trail.text)")
                #expect(!trail.text.contains("H7731") && !trail.text.contains("G1042"), "\(trail.text)")
            }
            // By a local id they are nobody.
            let held = try await client.get("AuditEvent?patient=ZZH01.H7731", privacy)
            let none = try await client.get("AuditEvent?patient=ZZH01.H7739", privacy)
            #expect(events(held).isEmpty && events(none).isEmpty, "\(held.text)")
        }
    }

    /// Which items were shown is content: told under a case, and not otherwise.
    @Test func whichItemsWereShownIsToldUnderACase() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            _ = try await client.get("Observation/ZZH01.o-k", served.token())
            let privacy = try privacy(served)
            let about = "patient.identifier=\(number)"
            let trail = try await client.get("AuditEvent?\(about)", privacy)
            #expect(trail.status == .ok && !trail.text.contains("o-k"), "\(trail.text)")
            // A read still says that something was shown.
            #expect(trail.text.contains("urn:daybook:receipt-item"))
            for refused in [
                "AuditEvent?\(about)&entity=Observation/ZZH01.o-k", "AuditEvent?\(about)&_case=CASE-9",
                "AuditEvent?_case=CASE-9",
            ] {
                #expect(try await client.get(refused, privacy).status == .forbidden, "\(refused)")
            }
            try served.policy(
                Array(
                    "- caseOpened: {id: CASE-9, patient: \"\(number)\", reason: complaint, authority: guardian-1, for: P30D}\n"
                        .utf8))
            let before = try served.store.log.head.position
            let opened = try await client.get(
                "AuditEvent?\(about)&_case=CASE-9&entity=Observation/ZZH01.o-k", privacy)
            #expect(opened.status == .ok && events(opened).count == 1, "\(opened.text)")
            #expect(opened.text.contains("Observation/ZZH01.o-k"))
            #expect(try served.accesses(after: before).map(\.receipt.caseID) == ["CASE-9"])
            let other = try await client.get(
                "AuditEvent?patient.identifier=\(Self.other)&_case=CASE-9", privacy)
            #expect(other.status == .forbidden)
        }
    }

    @Test func aReadingProvesWhatItTold() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            _ = try await client.get("Observation/ZZH01.o-k", served.token())
            let before = try served.store.log.head.position
            _ = try await client.get("AuditEvent?patient.identifier=\(number)", privacy(served))
            let reading = try #require(try served.accesses(after: before).first)
            #expect(reading.receipt.body != .zero && reading.detail?.bodySalt.isEmpty == false)
            #expect(reading.detail?.patient == number)
        }
    }

    /// The trail is asked in a batch as by itself.
    @Test func theTrailIsAskedInABatch() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let read = try await client.get("Observation/ZZH01.o-k", served.token())
            let receipt = try #require(read.headers[FHIRAnswer.receipt])
            let urls = ["AuditEvent?patient.identifier=\(number)", "AuditEvent/receipt-\(receipt)"]
            let entries = urls.map { "{\"request\":{\"method\":\"GET\",\"url\":\"\($0)\"}}" }
            let answer = try await client.batch(
                #"{"resourceType":"Bundle","type":"batch","entry":[\#(entries.joined(separator: ","))]}"#,
                privacy(served))
            #expect(answer.status == .ok)
            #expect(answer.text.contains("\"id\":\"receipt-\(receipt)\""), "\(answer.text)")
            let statuses = (answer.json["entry"] as? [[String: Any]] ?? []).compactMap {
                ($0["response"] as? [String: Any])?["status"] as? String
            }
            #expect(statuses == ["200 OK", "200 OK"])
        }
    }
}
