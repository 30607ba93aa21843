import Foundation
import HTTPTypes
import HummingbirdTesting
import Server
import Testing
import Wire

@testable import Listeners

/// The trail over FHIR: told to those who may audit and to the patient, and itself in the trail.
@Suite struct AuditEventTests {
    private let number = ServedStore.number

    private func privacy(_ served: ServedStore) throws -> String {
        try served.development("privacy-1", scope: "user/AuditEvent.rs")
    }

    private func resources(_ response: TestResponse) -> [[String: Any]] {
        (response.json["entry"] as? [[String: Any]] ?? []).compactMap { $0["resource"] as? [String: Any] }
    }

    /// `system code` of the agents' types with whether each is the requestor.
    private func agents(_ event: [String: Any]) -> [String: [String: Any]] {
        var out: [String: [String: Any]] = [:]
        for agent in event["agent"] as? [[String: Any]] ?? [] {
            let codings = (agent["type"] as? [String: Any])?["coding"] as? [[String: Any]] ?? []
            out[codings.first?["code"] as? String ?? ""] = agent
        }
        return out
    }

    private func who(_ agent: [String: Any]?) -> String? {
        let who = agent?["who"] as? [String: Any]
        return (who?["identifier"] as? [String: Any])?["value"] as? String ?? who?["display"] as? String
    }

    @Test func everyReadIsAnEventAndReadingTheTrailTooIsOne() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let reader = try served.token()
            let read = try await client.get("Observation/ZZH01.o-k", reader)
            let found = try await client.get("Observation?patient.identifier=\(number)&code=2823-3", reader)
            #expect(read.status == .ok && found.status == .ok)
            let sedge = try served.development("dr-sedge")
            #expect(try await client.get("Observation/ZZH01.o-k", sedge).status == .notFound)

            let trail = try await client.get("AuditEvent?patient.identifier=\(number)", privacy(served))
            #expect(trail.status == .ok, "\(trail.text)")
            let events = resources(trail)
            func event(_ response: TestResponse) -> [String: Any]? {
                events.first {
                    $0["id"] as? String == "receipt-\(response.headers[FHIRAnswer.receipt] ?? "")"
                }
            }
            let one = try #require(event(read))
            #expect(one["action"] as? String == "R" && one["outcome"] as? String == "0")
            #expect("\(one["meta"] ?? "")".contains("IHE.BasicAudit.PatientRead"))
            #expect(
                who(agents(one)["IRCP"]) == "dr-rowan" && agents(one)["IRCP"]?["requestor"] as? Bool == true)
            #expect(who(agents(one)["110152"]) == "viewer-app" && who(agents(one)["110153"]) == "Daybook")
            // Which it was is content, told under a case.
            #expect("\(one["entity"] ?? "")".contains("urn:daybook:receipt-item"))
            #expect(!"\(one)".contains("o-k"))
            // Of a query the roles are the other way round, and the query is told.
            let query = try #require(event(found))
            #expect(query["action"] as? String == "E")
            #expect(who(agents(query)["110153"]) == "viewer-app" && who(agents(query)["110152"]) == "Daybook")
            let texts = (query["entity"] as? [[String: Any]] ?? []).compactMap { $0["query"] as? String }
            let text = try #require(texts.first.flatMap { Data(base64Encoded: $0) })
            #expect(String(decoding: text, as: UTF8.self).contains("code=2823-3"))
            // A denial claims no success.
            let denied = events.filter { who(agents($0)["IRCP"]) == "dr-sedge" }
            #expect(denied.count == 1 && denied[0]["outcome"] as? String == "4")
            #expect((denied[0]["meta"] as? [String: Any])?["profile"] == nil)

            // This reading is in the next.
            let receipt = try #require(trail.headers[FHIRAnswer.receipt])
            let again = try await client.get(
                "AuditEvent?patient.identifier=\(number)&agent=privacy-1", privacy(served))
            #expect(resources(again).contains { $0["id"] as? String == "receipt-\(receipt)" })
            let same = try await client.get("AuditEvent/receipt-\(receipt)", privacy(served))
            #expect(same.status == .ok && same.headers[.eTag] == "W/\"\(receipt)\"")
            #expect(try await client.get("AuditEvent/receipt-1", privacy(served)).status == .notFound)
            // That one was read, and not searched for, is told as a read.
            let last = resources(
                try await client.get(
                    "AuditEvent?patient.identifier=\(number)&_id=receipt-\(same.headers[FHIRAnswer.receipt] ?? "")",
                    privacy(served)))
            let looked = try #require(last.first)
            #expect(looked["action"] as? String == "R" && "\(looked["subtype"] ?? "")".contains("read"))
            #expect(!"\(looked["subtype"] ?? "")".contains("search-type"))
            #expect("\(looked["meta"] ?? "")".contains("PatientRead"))
            #expect("\(looked["entity"] ?? "")".contains("AuditEvent/receipt-\(receipt)"))
            #expect(who(agents(looked)["110153"]) == "Daybook")
        }
    }

    @Test func theTrailIsSearchedByAgentDateAndEntityAndPaged() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let reader = try served.token()
            for _ in 0..<3 { _ = try await client.get("Observation/ZZH01.o-k", reader) }
            _ = try await client.get("Patient?identifier=\(number)", reader)
            func ids(_ query: String) async throws -> [String] {
                let answer = try await client.get("AuditEvent?\(query)", privacy(served))
                #expect(answer.status == .ok, "\(query): \(answer.text)")
                return resources(answer).compactMap { $0["id"] as? String }
            }
            let by = "patient.identifier=\(number)&agent=dr-rowan"
            #expect(try await ids(by).count == 4)
            try served.policy(
                Array(
                    "- caseOpened: {id: CASE-1, patient: \"\(number)\", reason: complaint, authority: guardian-1, for: P30D}\n"
                        .utf8))
            #expect(try await ids(by + "&entity=Observation/ZZH01.o-k&_case=CASE-1").count == 3)
            #expect(try await ids(by + "&date=lt2018-01-01").isEmpty)
            #expect(try await ids(by + "&date=ge2018-01-01").count == 4)
            #expect(try await ids("agent=nobody&patient.identifier=\(number)").isEmpty)
            var path = by + "&_count=1"
            var seen: [String] = []
            for _ in 0..<10 {
                let answer = try await client.get("AuditEvent?\(path)", privacy(served))
                seen += resources(answer).compactMap { $0["id"] as? String }
                let links = answer.json["link"] as? [[String: String]] ?? []
                guard let next = links.first(where: { $0["relation"] == "next" })?["url"] else { break }
                path = String(next[next.firstRange(of: "AuditEvent?")!.upperBound...])
            }
            #expect(seen == (try await ids(by)) && Set(seen).count == 4)
            for wrong in ["date=x", "entity=x", "nope=1", "_page=x&patient.identifier=\(number)"] {
                let answer = try await client.get("AuditEvent?\(wrong)", privacy(served))
                #expect(answer.status == .badRequest, "\(wrong)")
            }
        }
    }

    @Test func patientsReadWhoLookedAtTheirOwnAndNothingElse() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            _ = try await client.get("Observation/ZZH01.o-k", served.token())
            let own = try served.development(nil, scope: "patient/AuditEvent.rs", patient: number)
            let trail = try await client.get("AuditEvent", own)
            #expect(trail.status == .ok, "\(trail.text)")
            let looked = resources(trail).filter { who(agents($0)["IRCP"]) == "dr-rowan" }
            #expect(looked.count == 1 && !trail.text.contains("o-k"))
            #expect(try await client.get("AuditEvent?patient.identifier=\(number)", own).status == .ok)
            let next = resources(try await client.get("AuditEvent", own))
            #expect(next.contains { who(agents($0)["IRCP"]) == "the patient" })
            // Nobody else's, and nothing of the record.
            let other = try await client.get("AuditEvent?patient=ZZG01.nobody", own)
            #expect(other.status == .forbidden, "\(other.text)")
            #expect(try await client.get("Observation/ZZH01.o-k", own).status == .forbidden)
            // A clinician who may not audit is refused, and that is recorded.
            let head = try served.store.log.head.position
            let clinician = try await client.get("AuditEvent?patient.identifier=\(number)", served.token())
            #expect(clinician.status == .forbidden)
            let receipts = try served.accesses(after: head).map(\.receipt)
            #expect(receipts.contains { $0.question == .trail && !$0.permitted && $0.rule == "view-audit" })
            let narrow = try served.development("privacy-1", scope: "user/Observation.rs")
            #expect(
                try await client.get("AuditEvent?patient.identifier=\(number)", narrow).status == .forbidden)
        }
    }
}
