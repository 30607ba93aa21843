import CareRecord
import Foundation
import Intake
import Testing
import Wire

@testable import Projections
@testable import Server

/// Registrations, caseloads and referrals made by what sources send (decision 20): who may see when.
@Suite struct CareRelationshipTests {
    final class Region {
        let temporary: TemporaryStore
        private var number = 0

        init(now: String = "2018-03-01T09:00:00Z") throws {
            temporary = try TemporaryStore(now: now)
            try temporary.apply(Self.yaml)
        }

        static let yaml = MainJobTests.region
            .replacing(
                "agreements:",
                with: """
                      - {ods: ZZ102, name: Other Surgery, kind: gp, licences: 10, charterSigned: 2017-05-01}
                      - {ods: R1C, name: Community, kind: community, licences: 10, charterSigned: 2017-05-01}
                      - {ods: "809", name: Council, kind: local-authority, licences: 10, charterSigned: 2017-05-01}
                    agreements:
                    """
            ).appending(
                """

                  - {id: gp-2, name: GP Two, roles: [{org: ZZ102, code: R8000, from: 2017-10-01}]}
                  - {id: nurse-1, name: Nurse One, roles: [{org: R1C, code: R8000, from: 2017-10-01}]}
                  - {id: worker-1, name: Worker One, roles: [{org: "809", code: R8000, from: 2017-10-01}]}
                """)

        @discardableResult
        func send(_ source: String, at time: String, _ resources: String...) throws -> IngestSummary {
            number += 1
            let entries = resources.map { #"{"resource":\#($0)}"# }.joined(separator: ",")
            return try take(
                source,
                #"{"resourceType":"Bundle","type":"collection","timestamp":"\#(time)","entry":[\#(entries)]}"#
            )
        }

        func delete(_ source: String, at time: String, _ reference: String) throws {
            try take(
                source,
                #"{"resourceType":"Bundle","type":"transaction","timestamp":"\#(time)","entry":[{"request":{"method":"DELETE","url":"\#(reference)"}}]}"#
            )
        }

        @discardableResult
        private func take(_ source: String, _ text: String) throws -> IngestSummary {
            number += 1
            let summary = try temporary.ingest(source, text, name: "m\(number).json")
            #expect(summary.accepted == 1, "\(summary)")
            return summary
        }

        func sees(_ user: String, _ patient: String, at: String? = nil) throws -> Bool {
            try temporary.view(user, patient, at: at).answer.permitted
        }

        func later(_ now: String) throws { try temporary.reopen(now: now) }
    }

    static func patient(_ id: String = "G7", _ more: String = "") -> String {
        #"{"resourceType":"Patient","id":"\#(id)","name":[{"family":"Test"}]\#(more.isEmpty ? "" : ",\(more)")}"#
    }

    static func ods(_ code: String) -> String {
        #"{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"\#(code)"}}"#
    }

    static func registered(with code: String, _ more: String = #""active":true"#, id: String = "G7") -> String
    {
        patient(id, #"\#(more),"generalPractitioner":[\#(ods(code))]"#)
    }

    static func episode(
        _ status: String, by code: String, id: String = "e1", patient: String = "G7",
        period: String = #"{"start":"2018-01-10"}"#
    ) -> String {
        #"{"resourceType":"EpisodeOfCare","id":"\#(id)","status":"\#(status)","patient":{"reference":"Patient/\#(patient)"},"managingOrganization":\#(ods(code)),"period":\#(period)}"#
    }

    static func referral(
        _ status: String, to codes: [String], patient: String = "G7", _ more: String = ""
    ) -> String {
        #"{"resourceType":"ServiceRequest","id":"r1","status":"\#(status)","intent":"order","subject":{"reference":"Patient/\#(patient)"},"authoredOn":"2018-02-01","performer":[\#(codes.map(ods).joined(separator: ","))]\#(more.isEmpty ? "" : ",\(more)")}"#
    }

    // MARK: Registration

    @Test func aPracticesOwnPatientOpensItsSightAndAnotherPracticeEndsItAfterGrace() throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-01T09:00:00Z", Self.patient())
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.registered(with: "ZZ101"))
        #expect(try region.sees("gp-1", "ZZ101:G7"))
        #expect(try !region.sees("gp-2", "ZZ101:G7") && !region.sees("consultant-1", "ZZ101:G7"))
        try region.send("ZZ101", at: "2018-02-20T09:00:00Z", Self.registered(with: "ZZ102"))
        // The practice's word about another opens nothing; its own sight lasts for the grace period, P42D.
        #expect(try region.sees("gp-1", "ZZ101:G7") && !region.sees("gp-2", "ZZ101:G7"))
        try region.later("2018-04-03T22:00:00Z")
        #expect(try region.sees("gp-1", "ZZ101:G7"))
        try region.later("2018-04-03T23:00:01Z")
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
    }

    @Test(arguments: [
        #""generalPractitioner":[{"reference":"Organization/ZZ101"}]"#,
        #""managingOrganization":{"reference":"Organization/ZZ101.ZZ101"}"#,
        ##""contained":[{"resourceType":"Organization","id":"o","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"ZZ101"}]}],"managingOrganization":{"reference":"#o"}"##,
        #""generalPractitioner":[{"reference":"Organization?identifier=https://fhir.nhs.uk/Id/ods-organization-code|ZZ101"}]"#,
        ##""contained":[{"resourceType":"PractitionerRole","id":"r","organization":{"identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"ZZ101"}}}],"generalPractitioner":[{"reference":"#r"}]"##,
    ])
    func thePracticeIsNamedInAnyWay(_ named: String) throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.patient("G7", named))
        #expect(try region.sees("gp-1", "ZZ101:G7"))
    }

    @Test(arguments: [
        #""generalPractitioner":[{"display":"Surgery"}]"#,
        #""generalPractitioner":[{"reference":"https://elsewhere.example.org/Organization/ZZ101"}]"#,
        #""generalPractitioner":[{"identifier":{"system":"https://example.org/codes","value":"ZZ101"}}]"#,
        #""generalPractitioner":[{"reference":"Practitioner/ZZ101"}]"#,
    ])
    func whatNamesNoOrganisationOpensNothing(_ named: String) throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.patient("G7", named))
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
    }

    @Test func anOrganizationBesideThePatientSaysWhichItIs() throws {
        let region = try Region()
        let practice =
            #"{"resourceType":"Organization","id":"o1","identifier":[{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"ZZ101"}]}"#
        try region.send(
            "ZZ101", at: "2018-02-02T09:00:00Z",
            Self.patient("G7", #""generalPractitioner":[{"reference":"Organization/o1"}]"#), practice)
        #expect(try region.sees("gp-1", "ZZ101:G7"))
        // One whose id is the sender's code, and that says it is another, is another.
        let other = practice.replacing(#""id":"o1""#, with: #""id":"ZZ101""#).replacing(
            #""value":"ZZ101""#, with: #""value":"ZZ102""#)
        try region.send(
            "ZZ101", at: "2018-02-02T09:00:00Z",
            Self.patient("G8", #""generalPractitioner":[{"reference":"Organization/ZZ101"}]"#), other)
        #expect(try !region.sees("gp-1", "ZZ101:G8"))
    }

    @Test func aHospitalsWordOnThePracticeOrItselfIsNoRegistration() throws {
        let region = try Region()
        for code in ["ZZ101", "RBD"] {
            try region.send("RBD", at: "2018-02-02T09:00:00Z", Self.registered(with: code, id: "H100"))
        }
        #expect(try !region.sees("gp-1", "RBD:H100") && !region.sees("consultant-1", "RBD:H100"))
    }

    @Test func aPatientNoLongerActiveEndsIt() throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-01-02T09:00:00Z", Self.registered(with: "ZZ101"))
        try region.send(
            "ZZ101", at: "2018-01-10T09:00:00Z", Self.registered(with: "ZZ101", #""active":false"#))
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
        // Back again: from then.
        try region.send("ZZ101", at: "2018-02-25T09:00:00Z", Self.registered(with: "ZZ101"))
        #expect(try region.sees("gp-1", "ZZ101:G7"))
    }

    @Test func aPatientDeletedEndsItWithoutGrace() throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.registered(with: "ZZ101"))
        try region.delete("ZZ101", at: "2018-02-20T09:00:00Z", "Patient/G7")
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
    }

    @Test func anOlderPatientChangesNothingWhateverTheOrder() throws {
        for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [2, 0, 1]] {
            let region = try Region()
            let sent: [(String, String)] = [
                ("2018-01-02T09:00:00Z", Self.registered(with: "ZZ101")),
                ("2018-01-10T09:00:00Z", Self.registered(with: "ZZ102")),
                ("2018-01-12T09:00:00Z", Self.registered(with: "ZZ101")),
            ]
            for one in order { try region.send("ZZ101", at: sent[one].0, sent[one].1) }
            #expect(try region.sees("gp-1", "ZZ101:G7"), "\(order)")
            // With the newest word first, there is but one fact.
            let other = try Region()
            for one in order where one != 2 { try other.send("ZZ101", at: sent[one].0, sent[one].1) }
            #expect(try !other.sees("gp-1", "ZZ101:G7"), "\(order)")
        }
    }

    @Test func theSameSaidAgainLeavesNoFact() throws {
        let region = try Region()
        try region.send("ZZ101", at: "2018-02-02T09:00:00Z", Self.registered(with: "ZZ101"))
        let head = try region.temporary.store.head().position.value
        try region.send("ZZ101", at: "2018-02-03T09:00:00Z", Self.registered(with: "ZZ101"))
        #expect(try region.temporary.store.head().position.value == head + 1)
    }

    @Test func ofTwoRecordsThatAPracticeMergedBothEndTogether() throws {
        let region = try Region()
        for id in ["G7", "G8"] {
            try region.send("ZZ101", at: "2018-01-02T09:00:00Z", Self.registered(with: "ZZ101", id: id))
        }
        try region.temporary.policy(
            "- merged: {survivor: {org: ZZ101, id: G7}, retired: {org: ZZ101, id: G8}}")
        // The retired record made inactive says nothing against the one that stays.
        try region.send(
            "ZZ101", at: "2018-01-03T09:00:00Z", Self.registered(with: "ZZ101", #""active":false"#, id: "G8"))
        #expect(try region.sees("gp-1", "ZZ101:G7"))
        try region.send("ZZ101", at: "2018-01-04T09:00:00Z", Self.registered(with: "ZZ101", id: "G8"))
        try region.send("ZZ101", at: "2018-01-10T09:00:00Z", Self.registered(with: "ZZ102"))
        #expect(try !region.sees("gp-1", "ZZ101:G7") && !region.sees("gp-1", "ZZ101:G8"))
    }

    @Test func aPersonsMessageOfAPracticeNamesItInPD1AndA29EndsIt() throws {
        let region = try Region()
        func send(_ type: String, _ at: String, _ pd1: String?) throws {
            let lines =
                [
                    "MSH|^~\\&|GP|ZZ101|DCR|D|\(at)||\(type)|M\(at)|P|2.4",
                    "PID|||G7^^^ZZ101^MR||TEST^ANN||19700101",
                ]
                + (pd1.map { [$0] } ?? [])
            let summary = try region.temporary.store.ingest(
                source: "ZZ101",
                inputs: [IngestInput(name: "\(at).hl7", bytes: Array(lines.joined(separator: "\r").utf8))])
            #expect(summary.accepted == 1)
        }
        try send("ADT^A28", "20180102090000", nil)
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
        try send("ADT^A31", "20180103090000", "PD1|||SURGERY^^ZZ101")
        #expect(try region.sees("gp-1", "ZZ101:G7"))
        try send("ADT^A31", "20180104090000", "PD1|||OTHER^^ZZ102")
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
        try send("ADT^A28", "20180105090000", "PD1||||G123^GREEN^A^^^^^^^^^^^ZZ101")
        #expect(try region.sees("gp-1", "ZZ101:G7"))
        try send("ADT^A29", "20180106090000", nil)
        #expect(try !region.sees("gp-1", "ZZ101:G7"))
        #expect(try region.temporary.store.identityReviews(TemporaryStore.asker).count == 1)
    }
}
