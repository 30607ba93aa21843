import CareRecord
import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Projections
import Server
import Testing
import Wire

@testable import Listeners

/// What a consumer is told of, and what not.
@Suite struct FeedTests {
    private static let number = ServedStore.number

    struct Told {
        var lines: [[String: Any]]
        var last: [String: Any]
        var texts: [String]

        /// What was told, without its receipt.
        var bare: [String] { texts.map { $0.replacing(#/,"receipt":[0-9]+/#, with: "") } }
        var resources: [String] { lines.compactMap { $0["resource"] as? String } }
        var next: Int { last["next"] as? Int ?? -1 }
    }

    static func told(_ response: TestResponse) throws -> Told {
        let texts = response.text.split(separator: "\n").map(String.init)
        let all = try texts.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        return Told(lines: all.dropLast(), last: try #require(all.last), texts: texts.dropLast())
    }

    private func ingest(_ served: ServedStore, _ resource: String, id: String, source: String = "ZZH01")
        throws
    {
        _ = try served.store.ingest(
            source: source, inputs: [IngestInput(name: id, bytes: Array(resource.utf8), type: .fhir)])
    }

    private func observation(_ id: String, _ patient: String = "H7731", value: Int = 1) -> String {
        #"{"resourceType":"Observation","id":"\#(id)","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"2823-3"}]},"subject":{"reference":"Patient/\#(patient)"},"valueQuantity":{"value":\#(value)}}"#
    }

    @Test func itTellsWhatMayBeReadAndLeavesAReceiptBefore() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let before = try served.store.log.head.position
            let answer = try await client.plain("/feed?after=0", served.token())
            #expect(
                answer.status == .ok && answer.headers[.contentType] == FeedRoutes.ndjson, "\(answer.text)")
            #expect(answer.headers[.cacheControl] == "no-store")
            let told = try Self.told(answer)
            #expect(told.resources.contains("Observation/ZZH01.o-k"), "\(answer.text)")
            #expect(told.resources.contains("Patient/ZZG01.G1042"))
            #expect(!answer.text.contains("p-advance") && !answer.text.contains("6.8"))
            #expect(told.next == Int(before.value) && told.last["end"] as? String == "head")
            // Every line can be read, and what can be read has a line.
            for line in told.lines {
                let reference = try #require(line["resource"] as? String)
                let read = try await client.get(reference, served.token())
                #expect(
                    read.status == .ok && read.headers[.eTag] == "W/\"\(line["version"] ?? "")\"",
                    "\(reference)")
            }
            let all = try await client.get(
                "Patient/ZZH01.H7731/$everything?_count=500", served.token())
            let named = all.matches.filter { !$0.hasPrefix("Organization/") && !$0.hasPrefix("Practitioner") }
            #expect(Set(named).subtracting(told.resources) == [], "\(told.resources)")
            // One patient, one receipt, durable before, with every line in it.
            let receipts = Set(told.lines.compactMap { $0["receipt"] as? Int })
            #expect(receipts.count == 1)
            let access = try #require(
                try served.accesses(after: before).first { Int($0.position.value) == receipts.first })
            #expect(
                access.receipt.question == .feed && access.receipt.kind == .actual && access.receipt.permitted
            )
            #expect(access.receipt.shown == told.lines.count && access.receipt.viewer?.user == "dr-rowan")
            #expect(access.receipt.call?.client == "viewer-app" && access.receipt.subjects.count == 2)
            let detail = try #require(access.detail)
            #expect(detail.items.map(\.reference) == told.resources)
            #expect(answer.headers[FHIRAnswer.receipt] == "\(access.position.value)")
            let body = Array(told.bare.joined(separator: "\n").utf8)
            #expect(access.receipt.body.hex == Self.digest(detail.bodySalt + body))
            // Nothing new: nothing told, and that is a receipt about nobody.
            let again = try await client.plain("/feed?after=\(before.value)", served.token())
            #expect(try Self.told(again).lines.isEmpty)
            let empty = try #require(
                try served.accesses(after: before).first {
                    "\($0.position.value)" == again.headers[FHIRAnswer.receipt]
                })
            #expect(
                empty.receipt.question == .feed && empty.receipt.subjects.isEmpty && empty.receipt.shown == 0)
        }
    }

    @Test func fromEveryPositionItIsTheRestOfTheSame() async throws {
        let served = try ServedStore()
        try ingest(served, observation("n1"), id: "n1")
        try ingest(served, observation("n1", value: 2), id: "n1b")
        try served.policy(
            Array(
                "- sealApplied: {id: s1, patient: \"\(Self.number)\", org: ZZH01, item: \"Observation/o-na\", locked: true, by: ZZG01, reason: asked}"
                    .utf8))
        try served.policy(
            Array("- sealLifted: {id: s1, patient: \"\(Self.number)\", by: guardian-1, reason: asked}".utf8))
        try ingest(
            served,
            #"{"resourceType":"Observation","id":"n1","status":"entered-in-error","code":{"text":"x"},"subject":{"reference":"Patient/H7731"}}"#,
            id: "n1c")
        try await served.serving { client in
            let token = try served.token()
            let whole = try Self.told(await client.plain("/feed?after=0", token))
            #expect(whole.lines.contains { $0["deleted"] as? Bool == true }, "\(whole.texts)")
            // Told again where the lifted seal brought it back.
            #expect(whole.resources.filter { $0 == "Observation/ZZH01.o-na" }.count == 2, "\(whole.texts)")
            let head = try #require(whole.last["next"] as? Int)
            for position in 0...head {
                let rest = try Self.told(await client.plain("/feed?after=\(position)", token))
                let batch = try served.store.log.batchEnd(of: Position(UInt64(position)))
                let expected = zip(whole.lines, whole.bare).filter {
                    ($0.0["position"] as? Int ?? 0) > Int(batch.value)
                }.map(\.1)
                #expect(rest.bare == expected, "after \(position)")
            }
        }
    }

    /// Two worlds that differ in one event about what may not be seen: but for positions the feeds are equal, byte for byte.
    @Test func whatIsWithheldMovesPositionsAndNothingElse() async throws {
        func feed(_ prepare: (ServedStore) throws -> Void) async throws -> String {
            let served = try ServedStore()
            try prepare(served)
            try ingest(served, observation("after"), id: "after")
            let text = Text()
            try await served.serving { client in
                await text.set(try await client.plain("/feed?after=0", served.token()).text)
            }
            return await text.value.replacing(#/[0-9]+/#, with: "0")
        }
        let plain = try await feed { _ in }
        #expect(plain.contains("Observation/ZZH0.after"))
        let seal =
            "- sealApplied: {id: s1, patient: \"\(Self.number)\", org: ZZH01, item: \"Observation/secret\", locked: true, by: ZZG01, reason: asked}"
        let worlds: [(String, (ServedStore) throws -> Void)] = [
            (
                "sealed",
                { served in
                    try served.policy(Array(seal.utf8))
                    try self.ingest(served, self.observation("secret"), id: "secret")
                }
            ),
            ("another patient", { try self.ingest($0, self.observation("others", "H9999"), id: "others") }),
            (
                "unshared category",
                { served in
                    try self.ingest(
                        served,
                        #"{"resourceType":"CarePlan","id":"p2","status":"active","intent":"plan","subject":{"reference":"Patient/G1042"}}"#,
                        id: "p2", source: "ZZG01")
                }
            ),
        ]
        for (name, prepare) in worlds { #expect(try await feed(prepare) == plain, "\(name)") }
        // Nor of a patient who is shielded, or has excluded the viewer.
        let none = try await feed {
            try $0.policy(Array("- shieldSet: {patient: \"\(Self.number)\", reason: protection}".utf8))
        }
        #expect(!none.contains("resource"), "\(none)")
        let excluded = try await feed {
            try $0.policy(
                Array(
                    "- staffExcluded: {id: x1, patient: \"\(Self.number)\", user: dr-rowan, reason: neighbour}"
                        .utf8))
        }
        #expect(excluded == none)
    }

    private actor Text {
        var value = ""
        func set(_ text: String) { value = text }
    }

    @Test func aNewRelationshipBringsWhatWasThere() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.development("dr-sedge")
            let head = try served.store.log.head.position
            #expect(try Self.told(await client.plain("/feed?after=0", token)).lines.isEmpty)
            try served.policy(
                Array(
                    "- relationshipCreated: {id: r9, patient: \"\(Self.number)\", org: ZZH01, workgroup: dermatology, kind: referral}"
                        .utf8))
            let told = try Self.told(await client.plain("/feed?after=\(head.value)", token))
            #expect(told.resources.contains("Observation/ZZH01.o-k"), "\(told.texts)")
            #expect(Set(told.lines.compactMap { $0["position"] as? Int }).count == 1)
        }
    }

    @Test func scopesAndTokensNarrow() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let narrow = try served.token { $0["scope"] = "user/Condition.rs" }
            let told = try Self.told(await client.plain("/feed?after=0", narrow))
            #expect(!told.lines.isEmpty && told.resources.allSatisfy { $0.hasPrefix("Condition/") })
            let system = try served.system("results-service", scope: "system/Observation.rs")
            let results = try Self.told(await client.plain("/feed?after=0", system))
            #expect(!results.lines.isEmpty && results.resources.allSatisfy { $0.hasPrefix("Observation/") })
            let context = try served.development(
                "dr-rowan", scope: "patient/*.rs", patient: "ZZH01:H7732")
            #expect(try Self.told(await client.plain("/feed?after=0", context)).lines.isEmpty)
            let wrong: [(String, String?, [(String, String)], Int, String)] = [
                ("/feed?after=0", nil, [], 401, "no-token"),
                ("/feed?after=0", try served.system("lab-feed", scope: "system/*.cud"), [], 403, "scope"),
                (
                    "/feed?after=0", try served.development(nil, scope: "patient/*.rs", patient: Self.number),
                    [], 403, "scope"
                ),
                ("/feed", try served.token(), [], 400, "bad-request"),
                ("/feed?after=-1", try served.token(), [], 400, "bad-request"),
                ("/feed?after=999999", try served.token(), [], 400, "bad-request"),
                ("/feed?after=0&nope=1", try served.token(), [], 400, "bad-request"),
                ("/feed?after=0", try served.token(), [("Accept", "text/html")], 406, "bad-request"),
                (
                    "/feed?after=0", try served.token(),
                    [("Accept", "text/event-stream"), ("Last-Event-ID", "x")], 400, "bad-request"
                ),
            ]
            for (path, token, headers, status, rule) in wrong {
                let before = try served.store.log.head.position
                let answer = try await client.plain(path, token, headers)
                #expect(answer.status.code == status, "\(path): \(answer.text)")
                let receipts = try served.accesses(after: before)
                #expect(receipts.map(\.receipt.rule) == [rule], "\(path)")
                if status != 401 { #expect(receipts.first?.receipt.question == .feed, "\(path)") }
            }
        }
    }

    static func digest(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
