import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// Pages of an answer while what may be shown changes, and questions that would cost too much.
@Suite struct PagingTests {
    private let number = ServedStore.number
    private var search: String { "Observation?patient.identifier=\(number)&_sort=_id" }

    private func seal(_ served: ServedStore, _ item: String) throws {
        try served.policy(
            Array(
                """
                - sealApplied: {id: seal-\(item), patient: "\(number)", org: ZZH01, item: "Observation/\(item)", locked: true, by: ZZG01, reason: "asked"}
                """.utf8))
    }

    private func outcomes(_ answer: TestResponse) -> Int {
        (answer.json["entry"] as? [[String: Any]] ?? []).count {
            ($0["search"] as? [String: String])?["mode"] == "outcome"
        }
    }

    /// What is hidden between two pages lets nothing be passed over.
    @Test func aPageGoesOnAfterTheLastThatWasShown() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            let whole = try await client.get(search, token).matches
            try #require(whole.count >= 4 && whole[0].hasSuffix("ZZG01.o-bp") && whole[2].hasSuffix("o-k"))
            let first = try await client.get(search + "&_count=2", token)
            #expect(first.matches == Array(whole[..<2]) && outcomes(first) == 0)
            // The first of those shown goes: the second page begins where it did.
            try served.policy(
                Array(
                    """
                    - sealApplied: {id: seal-1, patient: "\(number)", org: ZZG01, item: "Observation/o-bp", locked: true, by: ZZC01, reason: "asked"}
                    """.utf8))
            let second = try await client.get(try #require(first.next), token)
            #expect(second.status == .ok && second.matches == Array(whole[2...].prefix(2)))
            // And says that it is not all of one answer.
            #expect(outcomes(second) == 1, "\(second.text)")
        }
    }

    @Test func aPageAfterOneThatIsHiddenIsAskedForAnew() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            for path in [
                search + "&_count=3", "Observation/_history?patient.identifier=\(number)&_count=1",
            ] {
                _ = try await client.get(path, token)
            }
            let first = try await client.get(search + "&_count=3", token)
            let last = try #require(first.matches.last?.split(separator: ".").last.map(String.init))
            try seal(served, last)
            let second = try await client.get(try #require(first.next), token)
            #expect(second.status == .badRequest, "\(second.text)")
        }
    }

    /// A permission for one view is used by the first page: the second does not look like the end of the answer.
    @Test func theSecondPageOfAnAnswerForOneViewIsRefused() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try served.policy(
            Array(
                """
                - relationshipCreated: {id: ref-9, patient: "\(number)", user: lead-1, kind: referral, from: 2018-01-29}
                - permissionToView: {patient: "\(number)", user: lead-1, basis: asked, once: true}
                """.utf8))
        try await served.serving(beat: .zero) { client in
            let token = try served.development("lead-1")
            let first = try await client.get(search + "&_count=1", token)
            #expect(first.matches == ["Observation/ZZG01.o-bp"], "\(first.text)")
            let second = try await client.get(try #require(first.next), token)
            #expect(second.status.code >= 400, "\(second.text)")
        }
    }

    @Test func aHistoryOfATypeIsPagedByVersion() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        for index in 0..<5 {
            try ReceiptOfReadTests.send(
                served, ReceiptOfReadTests.observation("\(index)", "2018-02-1\(index)T09:00:00Z"))
        }
        try ReceiptOfReadTests.send(served, ReceiptOfReadTests.deletion("Observation/o-na"))
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            func entries(_ answer: TestResponse) -> [String] {
                (answer.json["entry"] as? [[String: Any]] ?? []).map { entry in
                    let request = entry["request"] as? [String: String] ?? [:]
                    let response = entry["response"] as? [String: String] ?? [:]
                    return "\(request["method"] ?? "") \(request["url"] ?? "") \(response["etag"] ?? "")"
                }
            }
            let base = "Observation/_history?patient.identifier=\(number)"
            let whole = try await client.get(base, token)
            let all = entries(whole)
            #expect(all.count >= 9 && Set(all).count == all.count, "\(all)")
            #expect(all.filter { $0.hasPrefix("POST Observation/ZZH01.o-k ") }.count == 1)
            #expect(all.filter { $0.hasPrefix("PUT Observation/ZZH01.o-k ") }.count == 5)
            #expect(all.contains { $0.hasPrefix("DELETE Observation/ZZH01.o-na ") })
            for count in 1...3 {
                var path = base + "&_count=\(count)"
                var seen: [String] = []
                for _ in all {
                    let answer = try await client.get(path, token)
                    #expect(answer.status == .ok, "\(answer.text)")
                    seen += entries(answer)
                    guard let next = answer.next else { break }
                    path = next
                }
                #expect(seen == all, "\(count): \(seen)")
            }
        }
    }

    /// More versions than are looked for in the index at once.
    @Test func aLongHistoryIsNotCut() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        let messages = (0..<1010).map { index in
            IngestInput(
                name: "\(index)",
                bytes: Array(
                    ReceiptOfReadTests.observation(
                        "\(index)", "2018-02-10T09:\(10 + index / 60):\(10 + index % 50)Z"
                    ).utf8), type: .fhir)
        }
        let first = try served.store.log.head.position
        _ = try served.store.ingest(source: "ZZH01", inputs: messages)
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            let before = try await client.get("Observation/ZZH01.o-k/_history?_at=2018-02-07", token)
            #expect((before.json["entry"] as? [Any])?.count == nil || before.status == .ok)
            var count = 0
            var oldest = ""
            var path = "Observation/ZZH01.o-k/_history?_count=500"
            for _ in 0..<6 {
                let answer = try await client.get(path, token)
                let entries = answer.json["entry"] as? [[String: Any]] ?? []
                count += entries.count
                oldest = "\((entries.last?["request"] as? [String: String])?["method"] ?? "")"
                guard let next = answer.next else { break }
                path = next
            }
            #expect(count == 1011 && oldest == "POST")
            let one = try await client.get("Observation/ZZH01.o-k/_history/\(first.value + 1)", token)
            #expect(one.status == .ok || one.status == .notFound)
        }
    }

    /// However often a name comes, what is found is sorted by it once.
    @Test func aSearchIsSortedByFewAndEachOnce() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            let once = try await client.get(search + ",date", token)
            let form = String(repeating: "_id,", count: 12_000) + "date,-_id"
            let many = try await client.execute(
                uri: "/fhir/Observation/_search", method: .post,
                headers: [
                    .authorization: "Bearer \(token)", .contentType: "application/x-www-form-urlencoded",
                ], body: ByteBuffer(string: "patient.identifier=\(number)&_sort=\(form)"))
            // Twelve thousand sortings would be refused: at most eight are made.
            #expect(many.status == .ok && many.matches == once.matches, "\(many.text.prefix(400))")
        }
    }

    @Test func aBatchEndsWhereItsAnswersFillIt() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        var application = try served.application()
        application.beat = .zero
        application.batchBytes = 4000
        try await served.serving(application) { client in
            let entry = #"{"request":{"method":"GET","url":"\#(search)"}}"#
            let before = try served.store.log.head.position
            let answer = try await client.batch(
                #"{"resourceType":"Bundle","type":"batch","entry":[\#(entry),\#(entry),\#(entry)]}"#,
                served.token())
            let statuses = (answer.json["entry"] as? [[String: Any]] ?? []).compactMap {
                (($0["response"] as? [String: Any])?["status"] as? String)?.prefix(3)
            }
            #expect(answer.status == .ok && statuses == ["200", "413", "413"], "\(statuses)")
            #expect(answer.text.contains("too-costly"))
            #expect(try served.accesses(after: before).map(\.receipt.permitted) == [true, false, false])
        }
    }
}
