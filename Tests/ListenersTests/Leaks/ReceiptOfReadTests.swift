import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Projections
import Server
import Testing
import Wire

@testable import Listeners

/// A receipt names what was shown: which versions, also of what is gone, and uses up what that stands on.
@Suite struct ReceiptOfReadTests {
    private let number = ServedStore.number

    static func send(_ served: ServedStore, _ json: String, from source: String = "ZZH01") throws {
        let summary = try served.store.ingest(
            source: source,
            inputs: [IngestInput(name: UUID().uuidString, bytes: Array(json.utf8), type: .fhir)])
        try #require(summary.accepted == 1)
    }

    static func deletion(_ reference: String) -> String {
        #"{"resourceType":"Bundle","type":"transaction","timestamp":"2018-02-20T09:00:00Z","entry":[{"request":"#
            + #"{"method":"DELETE","url":"\#(reference)"}}]}"#
    }

    static func observation(_ value: String, _ time: String, id: String = "o-k", more: String = "") -> String
    {
        #"{"resourceType":"Bundle","type":"transaction","timestamp":"\#(time)","entry":[{"resource":{"resourceType":"#
            + #""Observation","id":"\#(id)","status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"#
            + #""Potassium"},"subject":{"reference":"Patient/H7731"},"valueString":"\#(value)"\#(more)},"request":{"method":"#
            + #""PUT","url":"Observation/\#(id)"}}]}"#
    }

    /// The receipts of what is asked: `Type/id@position` of their items.
    private func shown(
        _ served: ServedStore, _ body: () async throws -> TestResponse
    ) async throws -> (receipt: Receipt, items: [String]) {
        let before = try served.store.log.head.position
        let answer = try await body()
        #expect(answer.status == .ok, "\(answer.text)")
        let access = try #require(try served.accesses(after: before).last)
        return (
            access.receipt,
            (access.detail?.items ?? []).map { "\($0.reference)@\($0.position.value)" }
        )
    }

    @Test func aVersionAndAHistoryNameTheVersionsShown() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            let first = try await client.get("Observation/ZZH01.o-k", token)
            let old = try #require((first.json["meta"] as? [String: Any])?["versionId"] as? String)
            try Self.send(served, Self.observation("5.1", "2018-02-10T09:00:00Z"))
            let second = try await client.get("Observation/ZZH01.o-k", token)
            let new = try #require((second.json["meta"] as? [String: Any])?["versionId"] as? String)
            #expect(old != new)
            let one = try await shown(served) {
                try await client.get("Observation/ZZH01.o-k/_history/\(old)", token)
            }
            #expect(one.items == ["Observation/ZZH01.o-k@\(old)"] && one.receipt.shown == 1)
            let both = try await shown(served) {
                try await client.get("Observation/ZZH01.o-k/_history", token)
            }
            #expect(both.items == [new, old].map { "Observation/ZZH01.o-k@\($0)" })
            #expect(one.receipt.items != both.receipt.items)

            // Of what is gone as well, and of the deletion.
            try Self.send(served, Self.deletion("Observation/o-k"))
            let gone = try served.store.log.head.position.value
            #expect(try await client.get("Observation/ZZH01.o-k", token).status == .gone)
            let late = try await shown(served) {
                try await client.get("Observation/ZZH01.o-k/_history/\(old)", token)
            }
            #expect(late.items == ["Observation/ZZH01.o-k@\(old)"])
            #expect(late.receipt.shown == 1 && late.receipt.sources == ["ZZH01"])
            let all = try await shown(served) {
                try await client.get("Observation/ZZH01.o-k/_history", token)
            }
            #expect(all.items == ["\(gone)", new, old].map { "Observation/ZZH01.o-k@\($0)" })
            #expect(all.receipt.sources == ["ZZH01"])
        }
    }

    @Test func whatIsMadeIsNamedAsItself() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try served.policy(
            Array(
                "- consentDirective: {id: dir-9, patient: \"\(number)\", outcome: deny, categories: [medications], organisations: [ZZC01]}\n"
                    .utf8))
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            let about = "patient.identifier=\(number)"
            let consents = try await shown(served) { try await client.get("Consent?\(about)", token) }
            #expect(consents.items.contains { $0.hasPrefix("Consent/policy-") })
            let one = try await shown(served) {
                try await client.get("Provenance?\(about)&target=Observation/ZZH01.o-k", token)
            }
            #expect(one.items.count == 1 && one.items[0].hasPrefix("Provenance/version-"), "\(one.items)")
            #expect(one.receipt.sources == ["ZZH01"])
        }
    }

    /// A permission for one view is used by a count, by an empty answer and by what is gone. It is for what the practice sent: what their own
    /// hospital sent the viewer sees without.
    @Test(
        arguments: [
            "Observation?patient.identifier=9990177015&_summary=count",
            "Observation?patient.identifier=9990177015&_count=0",
            "Observation?patient.identifier=9990177015&code=none",
            "Observation/ZZG01.o-bp", "Observation/ZZG01.o-bp/_history",
            "Observation/ZZG01.o-bp/_history/OLD",
        ])
    func aPermissionForOneViewIsForOneQuestion(path: String) async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try served.policy(
            Array(
                """
                - relationshipCreated: {id: ref-9, patient: "\(number)", user: lead-1, kind: referral, from: 2018-01-29}
                - permissionToView: {patient: "\(number)", user: lead-1, basis: asked, once: true}
                """.utf8))
        try await served.serving(beat: .zero) { client in
            let read = try await client.get("Observation/ZZG01.o-bp", served.token())
            let old = try #require((read.json["meta"] as? [String: Any])?["versionId"] as? String)
            if path.contains("_history") {
                try Self.send(served, Self.deletion("Observation/o-bp"), from: "ZZG01")
            }
            let token = try served.development("lead-1")
            let path = path.replacing("OLD", with: old)
            let first = try await shown(served) { try await client.get(path, token) }
            #expect(first.receipt.spends.count == 1, "\(path)")
            let before = try served.store.log.head.position
            let again = try await client.get(path, token)
            #expect(again.text != read.text && !again.text.contains("Observation/ZZG01.o-bp\""))
            #expect(try served.accesses(after: before).allSatisfy { $0.receipt.spends.isEmpty })
        }
    }
}
