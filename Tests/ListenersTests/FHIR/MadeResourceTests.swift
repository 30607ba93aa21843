import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// Provenance of versions, and Consents of dissent and directives: made of the log, and told only with what they are about.
@Suite struct MadeResourceTests {
    private let number = ServedStore.number

    private func resources(_ response: TestResponse, _ type: String) -> [[String: Any]] {
        (response.json["entry"] as? [[String: Any]] ?? []).compactMap { $0["resource"] as? [String: Any] }
            .filter { $0["resourceType"] as? String == type }
    }

    private func targets(_ provenances: [[String: Any]]) -> [String] {
        provenances.flatMap { ($0["target"] as? [[String: String]] ?? []).compactMap { $0["reference"] } }
    }

    @Test func everyVersionShownHasItsProvenance() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            let search = "patient.identifier=\(number)"
            let found = try await client.get("Observation?\(search)&_revinclude=Provenance:target", token)
            let observations = resources(found, "Observation")
            let provenances = resources(found, "Provenance")
            let versions = observations.map { observation in
                let meta = observation["meta"] as? [String: Any]
                return "Observation/\(observation["id"] ?? "")/_history/\(meta?["versionId"] ?? "")"
            }
            #expect(!versions.isEmpty && targets(provenances).sorted() == versions.sorted())
            #expect(found.json["total"] as? Int == observations.count)

            let one = try await client.get("Provenance?\(search)&target=Observation/ZZH01.o-k", token)
            #expect(one.status == .ok, "\(one.text)")
            let made = try #require(resources(one, "Provenance").first, "\(one.text)")
            #expect(resources(one, "Provenance").count == 1 && "\(made["agent"] ?? "")".contains("ZZH01"))
            let position = try #require(
                targets([made]).first?.split(separator: "/").last.flatMap { UInt64($0) })
            let header = try served.store.log.header(at: Position(position))
            #expect("\(made["entity"] ?? "")".contains(header.commitment.hex))
            #expect(made["recorded"] as? String == header.recordedAt.rfc3339)
            let id = try #require(made["id"] as? String)
            let read = try await client.get("Provenance/\(id)", token)
            #expect(read.status == .ok && read.json["id"] as? String == id, "\(read.text)")

            // A newer version has its own, and the older keeps its.
            let corrected = try ServedStore.sample("correction/corrected-potassium.json")
            _ = try served.store.ingest(
                source: "ZZH01",
                inputs: [IngestInput(name: "c.json", bytes: corrected, type: .fhir)])
            let now = try await client.get("Provenance?\(search)&target=Observation/ZZH01.o-k", token)
            #expect(targets(resources(now, "Provenance")) != targets([made]))
            #expect(try await client.get("Provenance/\(id)", token).text == read.text)

            // What is sealed has none.
            try served.policy(
                Array(
                    """
                    - sealApplied: {id: seal-9, patient: "\(number)", org: ZZH01, item: "Observation/o-k", locked: true, by: ZZG01, reason: "asked"}
                    """.utf8))
            #expect(try await client.get("Provenance/\(id)", token).status == .notFound)
            let sealed = try await client.get("Provenance?\(search)", token)
            #expect(!sealed.text.contains("o-k") && sealed.status == .ok)
            let none = try await client.get("Provenance/version-\(position)-0000000000000000", token)
            #expect(none.status == .notFound)
            // Nor has anybody one of a patient whom they may not see.
            let sedge = try served.development("dr-sedge")
            #expect(try await client.get("Provenance/\(id)", sedge).status == .notFound)
        }
    }

    @Test func dissentAndDirectivesAreConsentsForThoseWhoMayKnow() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let search = "Consent?patient.identifier=\(number)"
            let before = resources(try await client.get(search, served.token()), "Consent").count
            try served.policy(
                Array(
                    """
                    - consentDirective: {id: dir-9, patient: "\(number)", outcome: deny, categories: [medications], organisations: [ZZC01], evidence: "letter"}
                    """.utf8))
            let told = try await client.get(search, served.token())
            let consents = resources(told, "Consent")
            #expect(consents.count == before + 1, "\(told.text)")
            let made = try #require(consents.first { ($0["id"] as? String)?.hasPrefix("policy-") ?? false })
            #expect(made["status"] as? String == "active" && "\(made)".contains("ZZC01"))
            #expect(!told.text.contains("letter"))
            let id = try #require(made["id"] as? String)
            let read = try await client.get("Consent/\(id)", served.token())
            #expect(read.status == .ok && read.json["id"] as? String == id)
            // An administrator may see the patient, and not what is withheld from whom.
            try served.policy(
                Array(
                    """
                    - relationshipCreated: {id: ref-9, patient: "\(number)", org: ZZH01, kind: referral, from: 2018-01-29, evidence: "letter"}
                    """.utf8))
            let fern = try served.development("clerk-fern")
            #expect(try await client.get("Consent/\(id)", fern).status == .notFound)
            #expect(!(try await client.get(search, fern)).text.contains("policy-"))
            try served.policy(Array("- directiveWithdrawn: {id: dir-9, patient: \"\(number)\"}\n".utf8))
            let after = try await client.get("Consent/\(id)", served.token())
            #expect(after.json["status"] as? String == "inactive", "\(after.text)")
            #expect(after.headers[.eTag] != read.headers[.eTag])
        }
    }
}
