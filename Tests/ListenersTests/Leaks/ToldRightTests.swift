import Foundation
import HTTPTypes
import HummingbirdTesting
import Intake
import Server
import Testing
import Wire

@testable import Listeners

/// Answers that were wrong: consents that had ended or not begun, deletions left out of a history, another's Patient, a scope refused.
@Suite struct ToldRightTests {
    private let number = ServedStore.number

    private func status(_ client: any TestClientProtocol, _ served: ServedStore) async throws -> [String:
        String]
    {
        let found = try await client.get("Consent?patient.identifier=\(number)", served.token())
        var out: [String: String] = [:]
        for entry in found.json["entry"] as? [[String: Any]] ?? [] {
            guard let resource = entry["resource"] as? [String: Any], let id = resource["id"] as? String,
                id.hasPrefix("policy-")
            else { continue }
            out[id] = resource["status"] as? String
        }
        return out
    }

    private func record(_ served: ServedStore, _ fact: String) throws -> String {
        try served.policy(Array((fact + "\n").utf8))
        return "policy-\(try served.store.log.head.position.value)"
    }

    @Test func aConsentIsActiveWhileItBinds() async throws {
        let served = try ServedStore()
        func directive(_ more: String) throws -> String {
            try record(
                served,
                "- consentDirective: {patient: \"\(number)\", outcome: deny, categories: [medications], organisations: [ZZC01]\(more)}"
            )
        }
        let short = try directive(", id: d-short, from: 2018-01-01, for: P7D")
        let later = try directive(", id: d-later, from: 2018-06-01")
        let one = try directive(", id: d-one")
        let two = try directive(", id: d-two")
        // Taken back from next week on.
        _ = try record(
            served, "- directiveWithdrawn: {id: d-one, patient: \"\(number)\", from: 2018-06-01}")
        try await served.serving(beat: .zero) { client in
            let told = try await status(client, served)
            #expect(told == [short: "inactive", later: "proposed", one: "active", two: "active"], "\(told)")
            _ = try record(served, "- directiveWithdrawn: {id: d-two, patient: \"\(number)\"}")
            #expect(try await status(client, served)[two] == "inactive")
        }
    }

    /// Dissent at one source of the two is not taken back at the other.
    @Test func dissentIsTakenBackByWhomItNames() async throws {
        let served = try ServedStore()
        let dissent = try record(
            served, "- dissentSet: {patient: {org: ZZG01, id: G1042}, reason: asked}")
        try await served.serving(beat: .zero) { client in
            #expect(try await status(client, served)[dissent] == "active")
            _ = try record(
                served, "- dissentWithdrawn: {patient: {org: ZZH01, id: H7731}, reason: asked}")
            #expect(try await status(client, served)[dissent] == "active")
            _ = try record(
                served, "- dissentWithdrawn: {patient: {org: ZZG01, id: G1042}, reason: asked}")
            #expect(try await status(client, served)[dissent] == "inactive")
        }
    }

    /// A deletion is seen by whoever saw what it deletes: its message says only the type.
    @Test func aDeletionStandsInTheHistoryOfWhatItDeletes() async throws {
        let served = try ServedStore()
        let region = String(decoding: try ServedStore.sample("region.yaml"), as: UTF8.self)
            .replacing(
                "categories: [demographics, gp-practice, encounters, appointments]",
                with: "categories: [demographics, blood-tests]")
        _ = try served.store.applyRegion(
            RegionFile(Array(region.utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: "guardian-1", asker: Asker(systemUser: "test"))
        try served.policy(
            Array(
                """
                - relationshipCreated: {id: ref-9, patient: "\(number)", user: clerk-fern, kind: referral, from: 2018-01-29}
                - permissionToView: {patient: "\(number)", user: clerk-fern, basis: asked, for: P84D}
                """.utf8))
        try ReceiptOfReadTests.send(served, ReceiptOfReadTests.deletion("Observation/o-k"))
        let position = try served.store.log.head.position.value
        try await served.serving(beat: .zero) { client in
            let clerk = try served.development("clerk-fern")
            #expect(try await client.get("Observation/ZZH01.o-k", clerk).status == .gone)
            let history = try await client.get("Observation/ZZH01.o-k/_history", clerk)
            #expect(history.text.contains(#""method":"DELETE""#), "\(history.text)")
            let version = try await client.get("Observation/ZZH01.o-k/_history/\(position)", clerk)
            #expect(version.status == .gone)
        }
    }

    @Test func aPatientAskedForByIdIsThatOne() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let found = try await client.get("Patient?_id=ZZH01.H7731", served.token())
            #expect(found.matches == ["Patient/ZZH01.H7731"], "\(found.text)")
            let both = try await client.get("Patient?identifier=\(number)", served.token())
            #expect(both.matches.count == 2)
        }
    }

    /// Two records of one source that were linked cite the same doctor: one resource, as it is now.
    @Test func whatTwoLinkedRecordsCiteIsOneResource() async throws {
        let served = try ServedStore()
        let sample = try JSONSerialization.jsonObject(
            with: Data(ServedStore.sample("hospital/admission.json")))
        let entries = (sample as? [String: Any])?["entry"] as? [[String: Any]] ?? []
        var patient = try #require(entries.first?["resource"] as? [String: Any])
        patient["id"] = "H9000"
        patient["identifier"] = [(patient["identifier"] as? [Any])?.first]
        let person = String(decoding: try JSONSerialization.data(withJSONObject: patient), as: UTF8.self)
        for (index, (local, name)) in [("H9000", "Marsh"), ("H7731", "Reed")].enumerated() {
            let whose = #"{"resource":\#(person),"request":{"method":"PUT","url":"Patient/H9000"}},"#
            try ReceiptOfReadTests.send(
                served,
                """
                {"resourceType":"Bundle","type":"transaction","timestamp":"2018-02-2\(index)T09:00:00Z","entry":[\(index == 0 ? whose : "")\
                {"resource":{"resourceType":"Practitioner","id":"p-1","name":[{"family":"\(name)"}]},"request":{"method":"PUT",\
                "url":"Practitioner/p-1"}},{"resource":{"resourceType":"Procedure","id":"pr-\(index)","status":"completed",\
                "code":{"text":"Echo"},"subject":{"reference":"Patient/\(local)"},"performer":[{"actor":{"reference":\
                "Practitioner/p-1"}}]},"request":{"method":"PUT","url":"Procedure/pr-\(index)"}}]}
                """)
        }
        try await served.serving(beat: .zero) { client in
            let about = "patient.identifier=\(number)"
            let procedures = try await client.get("Procedure?\(about)", served.token())
            #expect(procedures.matches.count == 2, "\(procedures.text)")
            let found = try await client.get("Practitioner?\(about)", served.token())
            #expect(
                found.matches == ["Practitioner/ZZH01.p-1"] && found.text.contains("Reed"), "\(found.text)")
            let read = try await client.get("Practitioner/ZZH01.p-1?\(about)", served.token())
            #expect(read.status == .ok && read.text.contains("Reed"))
        }
    }

    @Test func aScopeForAPatientInContextIsTaken() throws {
        let scopes = try #require(Scopes("launch/patient openid fhirUser patient/*.rs launch/encounter"))
        #expect(scopes.grants.count == 1)
        #expect(Scopes("patients/*.rs") == nil)
    }

    /// What failed is recorded about whom it was.
    @Test func aQuestionThatIsNoneIsRecordedAboutWhomItNames() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let before = try served.store.log.head.position
            let answer = try await client.get(
                "Observation?patient.identifier=\(number)&_page=1.2.3.x", served.token())
            #expect(answer.status == .badRequest)
            let access = try #require(try served.accesses(after: before).first)
            #expect(access.detail?.patient == number && access.detail?.query.contains("Observation") == true)
        }
    }
}

/// Searches that found nothing, by values that do.
@Suite struct SearchValueTests {
    private let search = "Observation?patient.identifier=\(ServedStore.number)"

    @Test func aCodeIsFoundByItsSystemToo() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let token = try served.token()
            let plain = try await client.get(search + "&status=final", token)
            let whole = try await client.get(
                search + "&status=http://hl7.org/fhir/observation-status%7Cfinal", token)
            #expect(!plain.matches.isEmpty && whole.matches == plain.matches, "\(whole.text)")
            let other = try await client.get(search + "&code=http://snomed.info/sct%7C2823-3", token)
            #expect(other.matches.isEmpty)
        }
    }

    @Test func anAddressForAReferenceIsRefused() async throws {
        let served = try ServedStore()
        try await served.serving(beat: .zero) { client in
            let answer = try await client.get(
                search + "&encounter=https://daybook.example/fhir/Encounter/ZZH01.e-501", served.token())
            #expect(answer.status == .badRequest, "\(answer.text)")
        }
    }
}
