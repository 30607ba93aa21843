import Foundation
import Testing
import Wire

@testable import Server

/// The main job, end to end: a region, updates of a practice and a hospital, a correction, views before and after.
@Suite struct MainJobTests {
    static let region = """
        region: Test
        timeZone: Europe/London
        identifierSystems: {nhsNumber: https://fhir.nhs.uk/Id/nhs-number}
        placeholderNumbers: []
        identityRule: {number: verified, birthDate: equal, familyName: similar, givenName: similar}
        consentModel: implied
        permissionToViewPeriod: P84D
        relationshipGracePeriod: P42D
        overridePeriod: PT1H
        overrideMay: {emergency: [relationship, permission]}
        auditRetention: life-of-record
        organisations:
          - {ods: RBD, name: Hospital, kind: acute, licences: 10, charterSigned: 2017-05-01}
          - {ods: ZZ101, name: Surgery, kind: gp, licences: 10, charterSigned: 2017-05-01}
        agreements:
          - {id: A1, controller: ZZ101, recipients: [RBD], categories: [demographics, diagnoses], purposes: [direct-care], legalBasis: [{text: law}], from: 2017-10-01, to: 2022-09-30}
        roles:
          - {code: R8000, name: Clinical Practitioner, categories: [all], activities: [view-record, view-withheld]}
        users:
          - {id: consultant-1, name: Consultant One, roles: [{org: RBD, code: R8000, from: 2017-10-01}]}
          - {id: gp-1, name: GP One, roles: [{org: ZZ101, code: R8000, from: 2017-10-01}]}
        """

    static func patient(_ id: String, number: String = "9990000018", verified: Bool = true) -> String {
        """
        {"resourceType":"Patient","id":"\(id)","identifier":[{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus","code":"\(verified ? "01" : "02")"}]}}],"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\(number)"}],"name":[{"family":"Test","given":["Ann"]}],"birthDate":"1970-01-01"}
        """
    }

    static func condition(_ id: String, patient: String, text: String) -> String {
        """
        {"resourceType":"Condition","id":"\(id)","subject":{"reference":"Patient/\(patient)"},"code":{"text":"\(text)"}}
        """
    }

    @Test func aCorrectionChangesTheViewAfterItAndNotTheViewBefore() throws {
        let temporary = try TemporaryStore()
        try temporary.apply(Self.region)
        let bundle = """
            {"resourceType":"Bundle","type":"transaction","entry":[
              {"resource":\(Self.patient("G7")),"request":{"method":"PUT","url":"Patient/G7"}},
              {"resource":\(Self.condition("c1", patient: "G7", text: "asthma")),"request":{"method":"PUT","url":"Condition/c1"}}]}
            """
        let first = try temporary.ingest("ZZ101", bundle)
        #expect(first.accepted == 1)
        let again = try temporary.ingest("ZZ101", bundle)
        #expect(again.duplicate == 1 && again.accepted == 0)
        let hospital = try temporary.ingest("RBD", Self.patient("H100"))
        #expect(hospital.accepted == 1)
        // No relationship yet: refused, and recorded.
        let refused = try temporary.view("consultant-1", "9990000018")
        #expect(
            !refused.answer.permitted && refused.answer.rule == "relationship" && refused.answer.items.isEmpty
        )
        try temporary.policy(
            "- relationshipCreated: {id: r1, patient: \"9990000018\", org: RBD, kind: referral, from: 2017-12-01}"
        )
        let before = try temporary.view("consultant-1", "9990000018")
        #expect(before.answer.permitted)
        // Both subjects are linked automatically: same verified number, birth date and names.
        #expect(
            before.answer.items.map(\.reference) == [
                "Patient/RBD.H100", "Patient/ZZ101.G7", "Condition/ZZ101.c1",
            ])
        #expect(before.answer.items.map(\.rule) == ["own-organisation", "agreement", "agreement"])
        _ = try temporary.ingest(
            "ZZ101", Self.condition("c1", patient: "G7", text: "COPD"), name: "second.json")
        let after = try temporary.view("consultant-1", "9990000018")
        #expect(String(decoding: after.json, as: UTF8.self).contains("COPD"))
        let then = try temporary.view("consultant-1", "9990000018", at: "\(before.answer.position)")
        #expect(then.answer.isFinal)
        #expect(String(decoding: then.json, as: UTF8.self).contains("asthma"))
        #expect(then.answer.items.map(\.reference) == before.answer.items.map(\.reference))
        // Asked again after more events: the same bytes but for the receipt.
        let again2 = try temporary.view("consultant-1", "9990000018", at: "\(before.answer.position)")
        #expect(again2.answer.body == then.answer.body)
        #expect(again2.receiptPosition > then.receiptPosition)
        let accesses = try temporary.store.accesses(
            TrailRequest(user: "consultant-1", asker: TemporaryStore.asker))
        #expect(accesses.map(\.receipt.kind) == [.actual, .actual, .actual, .simulated, .simulated])
        try temporary.reopen()
        let reopened = try temporary.view("consultant-1", "9990000018", at: "\(before.answer.position)")
        #expect(reopened.answer.body == then.answer.body)
    }
}

/// Decision 3, clause 12.
@Suite struct AttributionTests {
    private func bundle(_ entries: [String]) -> String {
        #"{"resourceType":"Bundle","type":"transaction","entry":["# + entries.joined(separator: ",") + "]}"
    }

    private func put(_ resource: String, _ url: String) -> String {
        #"{"resource":\#(resource),"request":{"method":"PUT","url":"\#(url)"}}"#
    }

    private func references(_ temporary: TemporaryStore, _ patient: String) throws -> (
        shown: [String], gone: [String]
    ) {
        let record = try temporary.store.record(
            RecordRequest(patient: .init(patient)!, asker: TemporaryStore.asker))
        return (record.answer.items.map(\.reference), record.answer.tombstones.map(\.reference))
    }

    @Test func aDeletionThatNamesNoPatientReachesThePatientWhoseItemItIs() throws {
        let temporary = try TemporaryStore()
        try temporary.apply(MainJobTests.region)
        _ = try temporary.ingest("RBD", MainJobTests.patient("H1"), name: "1")
        _ = try temporary.ingest(
            "RBD", MainJobTests.condition("c1", patient: "H1", text: "asthma"), name: "2")
        let deletion = #"{"request":{"method":"DELETE","url":"Condition/c1"}}"#
        _ = try temporary.ingest("RBD", bundle([deletion]), name: "3")
        let (shown, gone) = try references(temporary, "RBD:H1")
        #expect(shown == ["Patient/RBD.H1"])
        #expect(gone == ["Condition/RBD.c1"])
    }

    @Test func anItemGivenToAnotherPatientLeavesTheOneBefore() throws {
        let temporary = try TemporaryStore()
        try temporary.apply(MainJobTests.region)
        for id in ["H1", "H2"] {
            _ = try temporary.ingest("RBD", MainJobTests.patient(id, verified: false), name: id)
        }
        _ = try temporary.ingest(
            "RBD", MainJobTests.condition("c1", patient: "H1", text: "asthma"), name: "2")
        _ = try temporary.ingest(
            "RBD", MainJobTests.condition("c1", patient: "H2", text: "asthma"), name: "3")
        #expect(try references(temporary, "RBD:H1").shown == ["Patient/RBD.H1"])
        #expect(try references(temporary, "RBD:H1").gone == ["Condition/RBD.c1"])
        #expect(try references(temporary, "RBD:H2").shown == ["Patient/RBD.H2", "Condition/RBD.c1"])
        // And back again, in one file: the unit sees its own messages.
        let lines = [
            MainJobTests.condition("c1", patient: "H1", text: "asthma"),
            MainJobTests.condition("c1", patient: "H2", text: "asthma"),
            MainJobTests.condition("c1", patient: "H1", text: "asthma"),
        ].joined(separator: "\n")
        _ = try temporary.ingest("RBD", lines, name: "4.ndjson")
        #expect(try references(temporary, "RBD:H1").shown == ["Patient/RBD.H1", "Condition/RBD.c1"])
        #expect(try references(temporary, "RBD:H2").gone == ["Condition/RBD.c1"])
    }
}
