import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// What is withheld stays out of what cites it, whatever became of it and however it is cited.
@Suite struct WithheldTests {
    private let number = ServedStore.number

    private func seal(_ served: ServedStore) throws {
        try served.policy(
            Array(
                """
                - sealApplied: {id: seal-9, patient: "\(number)", org: ZZH01, item: "Observation/o-k", locked: true, by: ZZG01, reason: "asked"}
                """.utf8))
    }

    private static let entered =
        #"{"resourceType":"Bundle","type":"transaction","timestamp":"2018-02-20T09:00:00Z","entry":[{"resource":{"resourceType":"#
        + #""Observation","id":"o-k","status":"entered-in-error","category":[{"coding":[{"code":"laboratory"}]}],"code":{"text":"#
        + #""Potassium"},"subject":{"reference":"Patient/H7731"}},"request":{"method":"PUT","url":"Observation/o-k"}}]}"#

    @Test(arguments: [ReceiptOfReadTests.deletion("Observation/o-k"), entered])
    func aSealedItemThatIsRetractedDoesNotShowAgain(retraction: String) async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            let about = "patient.identifier=\(number)"
            let open = try await client.get("DiagnosticReport/ZZH01.r-ue", token)
            #expect(open.text.contains("Observation/ZZH01.o-k\""), "\(open.text)")
            try seal(served)
            let sealed = try await client.get("DiagnosticReport/ZZH01.r-ue", token)
            #expect(sealed.status == .ok && !sealed.text.contains("o-k\""))
            try ReceiptOfReadTests.send(served, retraction)
            for path in [
                "DiagnosticReport/ZZH01.r-ue", "DiagnosticReport/ZZH01.r-ue/_history",
                "DiagnosticReport?\(about)", "Patient/ZZH01.H7731/$everything",
            ] {
                let answer = try await client.get(path, token)
                #expect(answer.status == .ok && !answer.text.contains("o-k\""), "\(path): \(answer.text)")
            }
            let found = try await client.get("DiagnosticReport?\(about)&result=Observation/ZZH01.o-k", token)
            #expect(found.json["total"] as? Int == 0, "\(found.text)")
        }
    }

    /// By this server's address of it, and by its source's.
    @Test(
        arguments: [
            "https://daybook.example/fhir/Observation/ZZH01.o-k", "https://lab.example/r4/Observation/o-k",
            "https://lab.example/r4/Observation/o-k/_history/7",
        ])
    func anAddressOfASealedItemIsTakenOut(address: String) async throws {
        let served = try ServedStore()
        try ReceiptOfReadTests.send(
            served,
            ReceiptOfReadTests.observation(
                "derived", "2018-02-20T09:00:00Z", id: "o-derived",
                more: #","derivedFrom":[{"reference":"\#(address)","display":"HIV"}]"#))
        try await served.serving(beat: .zero) { client in
            let open = try await client.get("Observation/ZZH01.o-derived", served.token())
            #expect(open.text.contains("HIV") && open.text.contains(address), "\(open.text)")
            try seal(served)
            let sealed = try await client.get("Observation/ZZH01.o-derived", served.token())
            #expect(sealed.status == .ok && sealed.text.contains("derived\""))
            #expect(!sealed.text.contains("HIV") && !sealed.text.contains("o-k"), "\(sealed.text)")
        }
    }

    /// A token for Provenances alone tells of nothing else.
    @Test func aProvenanceIsOfWhatTheTokenReaches() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let about = "patient.identifier=\(number)"
            let narrow = try served.token { $0["scope"] = "user/Provenance.rs" }
            #expect(try await client.get("Provenance?\(about)", narrow).matches.isEmpty)
            let some = try served.token { $0["scope"] = "user/Provenance.rs user/Observation.rs" }
            let found = try await client.get("Provenance?\(about)", some)
            #expect(!found.matches.isEmpty && !found.text.contains("Condition/"), "\(found.text)")
        }
    }

    /// Every view says that some information may not be shown, the same whether any is withheld or not.
    @Test func everyViewSaysThatSomeInformationMayNotBeShown() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let about = "patient.identifier=\(number)"
            for path in [
                "Observation?\(about)", "Observation?\(about)&_summary=count",
                "Patient/ZZH01.H7731/$everything",
                "Observation/ZZH01.o-k/_history",
            ] {
                let answer = try await client.get(path, served.token())
                #expect(answer.text.contains("Some information may not be shown"), "\(path)")
                #expect(answer.headers[FHIRAnswer.notice] == "Some information may not be shown")
            }
            let one = try await client.get("Observation/ZZH01.o-k", served.token())
            #expect(one.headers[FHIRAnswer.notice] == "Some information may not be shown")
        }
    }
}
