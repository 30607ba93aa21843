import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// Whose a resource is has to be looked up before policy decides. Whatever is wrong with a question, its answer does not tell whether the
/// look-up found anything.
@Suite struct LookUpTests {
    /// Of the hospital, who may audit and see records, and whom its agreement lets see what is shared.
    static let lead =
        "  - {id: lead-1, name: Dr Jo Lead, scope: region, roles: [{org: ZZH01, code: R5105, from: 2017-10-01}]}\n"

    private let number = ServedStore.number

    /// What is told, but for the trace of the request and the name asked for.
    private func told(_ answer: TestResponse, _ names: [String]) -> String {
        var text = "\(answer.status.code) " + answer.text.replacing(/[0-9a-f]{32}/, with: "")
        // Where the log ends moves with every receipt.
        text = text.replacing(/newest record, #[0-9]+/, with: "")
        for name in names { text = text.replacing(name, with: "X") }
        return text
    }

    private static let ways = [
        "", "?_page=1", "?_page=1.2.3.4.5.6.7", "?_asof=2018-01-01", "?_asof=2018-02-06", "?_asof=%23HEAD",
        "?_asof=%23999999999", "?_asof=%23$HEAD", "?_asof=2018-02-06&_case=NONE", "/_history",
        "/_history?_page=1", "/_history?_asof=%23999999999", "/_history/5", "/_history/5?_page=1",
        "/_history/5?_asof=2018-02-06",
    ]

    /// Tokens of people who may see nothing of the resource.
    private func tokens(_ served: ServedStore) throws -> [(String, String)] {
        [
            ("no relationship", try served.development("dr-sedge")),
            ("an auditor without relationship", try served.development("lead-1")),
            ("no clinical role", try served.development("privacy-1")),
            ("another type", try served.development("dr-rowan", scope: "user/Patient.rs")),
            (
                "another patient",
                try served.development("dr-rowan", scope: "patient/*.rs", patient: "9990177023")
            ),
            (
                "another patient, and another type",
                try served.development(
                    "dr-rowan", scope: "patient/*.rs user/Patient.rs", patient: "9990177023")
            ),
        ]
    }

    @Test func noWayOfAskingTellsAHeldIDFromAnother() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try await served.serving(beat: .zero) { client in
            for (who, token) in try tokens(served) {
                for way in Self.ways {
                    let way = way.replacing("$HEAD", with: "\(try served.store.log.head.position.value - 1)")
                    let held = try await client.get("Observation/ZZH01.o-k\(way)", token)
                    let none = try await client.get("Observation/ZZH01.o-no\(way)", token)
                    #expect(
                        told(held, ["ZZH01.o-k"]) == told(none, ["ZZH01.o-no"]), "\(who): \(way)")
                    #expect(held.status.code >= 400, "\(who): \(way)")
                }
            }
        }
    }

    /// An item under a locked seal, for somebody who sees all the rest.
    @Test func norASealedIDFromAnother() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try served.policy(
            Array(
                """
                - sealApplied: {id: seal-9, patient: "\(number)", org: ZZH01, item: "Observation/o-k", locked: true, by: ZZG01, reason: "asked"}
                - relationshipCreated: {id: g-1, patient: "\(number)", user: lead-1, kind: referral, from: 2018-01-01}
                - permissionToView: {patient: "\(number)", user: lead-1, basis: asked, for: P84D}
                """.utf8))
        try await served.serving(beat: .zero) { client in
            for user in ["dr-rowan", "lead-1"] {
                let token = try served.development(user)
                for way in Self.ways {
                    let way = way.replacing("$HEAD", with: "\(try served.store.log.head.position.value - 1)")
                    let held = try await client.get("Observation/ZZH01.o-k\(way)", token)
                    let none = try await client.get("Observation/ZZH01.o-no\(way)", token)
                    #expect(told(held, ["ZZH01.o-k"]) == told(none, ["ZZH01.o-no"]), "\(user): \(way)")
                }
            }
        }
    }

    @Test func norAProvenanceOrAConsentThatThereIsFromAnother() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        try served.policy(
            Array("- staffExcluded: {patient: \"\(number)\", user: dr-sedge, reason: relative}\n".utf8))
        let fact = try served.store.log.head.position
        try await served.serving(beat: .zero) { client in
            let found = try await client.get(
                "Provenance?patient.identifier=\(number)&target=Observation/ZZH01.o-k", served.token())
            let made = try #require(found.matches.first { $0.hasPrefix("Provenance/version-") })
            let none = String(made.dropLast(16)) + "0000000000000000"
            for (who, token) in try tokens(served) {
                for way in Self.ways.prefix(9) {
                    let way = way.replacing("$HEAD", with: "\(try served.store.log.head.position.value - 1)")
                    for (a, b) in [
                        (made, none), ("Consent/policy-\(fact.value)", "Consent/policy-1"),
                    ] {
                        let (held, not) = (
                            try await client.get(a + way, token), try await client.get(b + way, token)
                        )
                        #expect(told(held, [a]) == told(not, [b]), "\(who): \(a)\(way)")
                    }
                }
            }
        }
    }

    /// A source that sends the same resource twice in one message, a thousand times over, costs one opening to look up.
    @Test func aProvenanceIsLookedUpByOpeningItsRecordOnce() async throws {
        let served = try ServedStore(users: LookUpTests.lead)
        let entries = (0..<3000).map { index in
            #"{"resource":{"resourceType":"Condition","id":"c\#(index)","code":{"text":"\#(index)"},"#
                + #""subject":{"reference":"Patient/H7731"}},"request":{"method":"PUT","url":"Condition/c\#(index)"}}"#
        }
        let message =
            #"{"resourceType":"Bundle","type":"transaction","entry":[\#(entries.joined(separator: ","))]}"#
        _ = try served.store.ingest(
            source: "ZZH01", inputs: [IngestInput(name: "m.json", bytes: Array(message.utf8), type: .fhir)])
        let position = try served.store.log.head.position
        try await served.serving(beat: .zero) { client in
            let token = try served.development("dr-sedge")
            func time(_ path: String) async throws -> Duration {
                let start = ContinuousClock.now
                #expect(try await client.get(path, token).status == .notFound)
                return ContinuousClock.now - start
            }
            _ = try await time("Provenance/version-1-0000000000000000")
            let none = try await time("Provenance/version-1-0000000000000000")
            let all = try await time("Provenance/version-\(position.value)-0000000000000000")
            // Three thousand openings of the record took two thousand times as long.
            #expect(all < none * 200 + .milliseconds(500), "\(all) \(none)")
        }
    }
}
