import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// How a question names its patient: by identifiers of other systems, and by an id that is a hash of the source's own.
@Suite struct NamedPatientTests {
    private static let number = "9990000018"

    /// A patient whose source calls them by what is no id in FHIR.
    private func odd(_ served: ServedStore) throws {
        let message = AttackMessages.bundle(
            "odd-1", "2018-02-06T09:00:00Z",
            [
                AttackMessages.patient("H_77+31", number: Self.number),
                AttackMessages.put(
                    "Observation", "odd-o",
                    AttackMessages.laboratory("718-7", subject: "H_77+31", on: "2018-01-12")),
            ])
        let taken = try served.store.ingest(
            source: "ZZH01", inputs: [IngestInput(name: "odd.json", bytes: Array(message.utf8), type: .fhir)])
        #expect(taken.accepted == 1)
        try served.policy(
            Array(
                """
                - relationshipCreated: {id: rel-odd, patient: "\(Self.number)", org: ZZH01, workgroup: cardiology, kind: referral, from: 2018-01-29}
                - permissionToView: {patient: "\(Self.number)", user: dr-rowan, basis: asked, for: P84D}

                """.utf8))
    }

    @Test func aSystemThatNobodyIsLookedUpByFindsNobody() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let token = try served.token()
            for path in [
                "Patient?identifier=urn:mrn%7C1", "Patient?identifier=%7C9990177015",
                "Patient?identifier=urn:mrn%7C9990177015",
                "Observation?patient.identifier=urn:mrn%7C1&code=x",
            ] {
                let before = try served.store.log.head.position
                let answer = try await client.get(path, token)
                #expect(answer.status == .ok && answer.matches.isEmpty, "\(path): \(answer.text)")
                #expect(answer.json["total"] as? Int == 0 && answer.text.contains("by NHS number"))
                let left = try served.accesses(after: before)
                #expect(left.map(\.receipt.rule) == ["other-system"] && left.allSatisfy(\.receipt.permitted))
                #expect(answer.headers[FHIRAnswer.receipt] == left.first.map { "\($0.position.value)" })
                // What was typed might be somebody's, who could not be erased here.
                #expect(left.allSatisfy { $0.receipt.query == nil && $0.receipt.subjects.isEmpty })
            }
            // Without the scope it is no question; what is wrong with it is said; a number that is none stays wrong.
            let narrow = try served.development("dr-rowan", scope: "user/Observation.rs")
            #expect(try await client.get("Patient?identifier=urn:mrn%7C1", narrow).status == .forbidden)
            for path in [
                "Patient?identifier=urn:mrn%7C1&nope=1", "Patient?identifier=9990177016",
                "Patient?identifier=https://fhir.nhs.uk/Id/nhs-number%7C1",
                "Observation/_history?patient.identifier=urn:mrn%7C1",
            ] { #expect(try await client.get(path, token).status == .badRequest, "\(path)") }
        }
    }

    /// Whoever was given the id may ask by it; of one that is made up nothing is told.
    @Test func aPatientIsAskedForByTheIDThatWasGiven() async throws {
        let served = try ServedStore()
        try odd(served)
        try await served.serving { client in
            let token = try served.token()
            let found = try await client.get("Patient?identifier=\(Self.number)", token)
            let reference = try #require(found.matches.first, "\(found.text)")
            #expect(reference.hasPrefix("Patient/ZZH01.."))
            let id = reference.dropFirst("Patient/".count)
            for path in [
                "Observation?patient=\(id)", "Observation?subject=Patient/\(id)", "Patient?_id=\(id)",
                "Patient/\(id)/$everything", "Patient/\(id)",
            ] {
                let answer = try await client.get(path, token)
                #expect(answer.status == .ok, "\(path): \(answer.text)")
                #expect(answer.text.contains(path.hasPrefix("Observation") ? "ZZH01.odd-o" : "\(id)"))
            }
            // Who has no relationship gets one answer, of an id that is somebody's and of one that is nobody's.
            let stranger = try served.development("dr-sedge")
            let none = id.dropLast(4) + "0000"
            let (known, unknown) = (
                try await client.get("Observation?patient=\(id)", stranger),
                try await client.get("Observation?patient=\(none)", stranger)
            )
            #expect(known.status == .forbidden && unknown.status == .forbidden)
            let trace = #/trace [0-9a-f]+/#
            #expect(known.text.replacing(trace, with: "") == unknown.text.replacing(trace, with: ""))
            #expect(try await client.get("Observation?patient=\(none)", token).status == .forbidden)
        }
    }
}
