import CareRecord
import Foundation
import Intake
import Testing
import Wire

/// Admissions, transfers, discharges and cancels, as a clinician reads them.
@Suite struct ADTTests {
    typealias F = HL7Fixture

    static let full = F.pid([
        3: "H100^^^RBD^MR~9990000018^^^NHS^NH~A9^^^RBD^AN", 11: "1 HIGH ST^^DORCHESTER^DORSET^DT1 1AA^^H",
        13: "01305 111111^PRN^PH~^NET^Internet^ann@example.org", 16: "M", 30: "N", 32: "NSTS01",
    ])
    static let practice = "PD1|||QUAYSIDE SURGERY^^ZZ101|G1234567^JONES^A^^^DR"

    @Test func anAdmissionGivesThePersonThePracticeTheKinAndTheVisit() throws {
        let draft = try F.draft(
            F.adt(
                "A01", pid: Self.full, pv1: F.pv1([7: "C1111111^BROWN^CAROL^^^DR", 10: "300", 14: "19"]),
                [
                    Self.practice,
                    "NK1|1|SMITH^BOB|SPO^Spouse^HL70063|1 HIGH ST^^DORCHESTER|01305 222222",
                    "AL1|1|DA|91936005^Penicillin allergy^SCT|SV|Rash",
                    "DG1|1||I21.9^Acute myocardial infarction^I10||20180201", "ZU1|1|anything at all",
                ]))
        #expect(draft.meta.messageID == "PAS|RBD|20180201093000|M1")
        #expect(draft.meta.subject == SubjectID(organisation: "RBD", localID: "H100"))
        #expect(draft.meta.asserted == Instant(rfc3339: "2018-02-01T09:30:00Z"))
        #expect(
            draft.items.map(\.meta.type) == [
                "Patient", "RelatedPerson", "Encounter", "AllergyIntolerance", "Condition",
            ])
        #expect(
            draft.items.map(\.meta.category) == [
                .demographics, .nextOfKin, .encounters, .allergies, .diagnoses,
            ])
        #expect(
            try draft.content("Patient")
                == #"{"resourceType":"Patient","id":"RBD.H100","identifier":[{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland","code":"01"}]}}],"system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:id:RBD","value":"H100"},{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"AN"}]},"system":"urn:id:RBD","value":"A9"}],"name":[{"use":"official","family":"SMITH","given":["ANN"],"prefix":["MRS"]}],"telecom":[{"system":"phone","value":"01305 111111","use":"home"},{"system":"email","value":"ann@example.org"}],"gender":"female","birthDate":"1970-01-01","deceasedBoolean":false,"address":[{"use":"home","line":["1 HIGH ST"],"city":"DORCHESTER","state":"DORSET","postalCode":"DT1 1AA"}],"maritalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-MaritalStatus","code":"M"}]},"generalPractitioner":[{"type":"Organization","identifier":{"system":"https://fhir.nhs.uk/Id/ods-organization-code","value":"ZZ101"},"display":"QUAYSIDE SURGERY"},{"type":"Practitioner","identifier":{"value":"G1234567"},"display":"DR A JONES"}]}"#
        )
        #expect(try draft.meta("Patient").splits.map(\.category) == [.gpPractice])
        let assertion = try #require(draft.meta.patient)
        #expect(assertion.numbers == [.init(NHSNumber("9990000018")!, verified: true)])
        #expect(
            assertion.birthDate == "1970-01-01" && assertion.family == "SMITH" && assertion.given == ["ANN"])
        #expect(assertion.localIdentifiers.isEmpty && assertion.deceased == nil)
        #expect(
            try draft.content("Encounter")
                == #"{"resourceType":"Encounter","id":"RBD.v2-V500","identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"VN","display":"Visit number"}]},"system":"urn:id:RBD","value":"V500"}],"status":"in-progress","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP","display":"inpatient encounter"},"serviceType":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0069","code":"300"}]},"subject":{"reference":"Patient/RBD.H100"},"participant":[{"type":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"ATND","display":"attender"}]}],"individual":{"type":"Practitioner","identifier":{"value":"C1111111"},"display":"DR CAROL BROWN"}}],"period":{"start":"2018-02-01T09:15:00+00:00"},"hospitalization":{"admitSource":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0023","code":"19"}]}},"location":[{"location":{"display":"WARD1, BAY2, BED3"},"status":"active"}]}"#
        )
        #expect(
            draft.events == [
                .visit(
                    VisitChange(
                        visit: "V500", state: .open(until: nil),
                        from: Instant(rfc3339: "2018-02-01T09:15:00Z"),
                        opens: true, event: "ADT^A01"))
            ])
        #expect(
            try draft.content("AllergyIntolerance").contains(
                #""category":["medication"],"criticality":"high","code":{"coding":[{"system":"http://snomed.info/sct","code":"91936005","display":"Penicillin allergy"}],"text":"Penicillin allergy"}"#
            ))
        #expect(
            draft.raw.count > 0
                && String(decoding: draft.raw, as: UTF8.self).contains("ZU1|1|anything at all"))
    }

    /// DG1-3 and DG1-4; PR1-3 and PR1-4 likewise.
    @Test(arguments: [
        ("I21.9^^I10|Heart attack", #""code":"I21.9"}],"text":"Heart attack""#),
        (
            "I21.9^Infarction^I10|Heart attack",
            #""code":"I21.9","display":"Infarction"}],"text":"Infarction""#
        ),
        ("^Infarction|Heart attack", #""code":{"text":"Infarction"}"#),
        ("|Heart attack", #""code":{"text":"Heart attack"}"#),
        ("I21.9^^I10", #""code":"I21.9"}]}"#),
    ])
    func aCodeWithoutWordsHasThoseBesideIt(_ fields: String, _ code: String) throws {
        let draft = try F.draft(F.adt("A01", ["DG1|1||\(fields)", "PR1|1||\(fields)"]))
        for type in ["Condition", "Procedure"] {
            let content = try draft.content(type)
            #expect(content.contains(code), "\(content)")
        }
    }

    private func visit(_ draft: MessageDraft) throws -> VisitChange {
        for event in draft.events { if case .visit(let change) = event { return change } }
        throw IntakeFixture.NotRejected()
    }

    @Test func aTransferIsANewVersionOfTheSameVisitWithBothPlaces() throws {
        let draft = try F.draft(
            F.adt(
                "A02", id: "M2", at: "20180202100000", pv1: F.pv1([3: "WARD9^^BED1", 6: "WARD1^BAY2^BED3"])))
        let encounter = try draft.content("Encounter")
        #expect(encounter.contains(#""id":"RBD.v2-V500""#) && encounter.contains(#""status":"in-progress""#))
        #expect(
            encounter.contains(
                #""location":[{"location":{"display":"WARD9, BED1"},"status":"active"},{"location":{"display":"WARD1, BAY2, BED3"},"status":"completed"}]"#
            ))
        #expect(try !visit(draft).opens)
        // A transfer names the patient; it does not describe them.
        #expect(try draft.meta("Patient").asserted == Instant(rfc3339: "1900-01-01T00:00:00Z"))
        #expect(draft.meta.patient?.asserted == Instant(rfc3339: "1900-01-01T00:00:00Z"))
    }

    @Test func aDischargeEndsTheVisitWhenPV1SaysOrElseWhenItHappened() throws {
        let stated = try F.draft(F.adt("A03", pv1: F.pv1([45: "20180205113000", 36: "19"])))
        #expect(
            try stated.content("Encounter").contains(
                #""period":{"start":"2018-02-01T09:15:00+00:00","end":"2018-02-05T11:30:00+00:00"}"#))
        #expect(try visit(stated).state == .ended(Instant(rfc3339: "2018-02-05T11:30:00Z")!))
        let unsaid = try F.draft(F.adt("A03", at: "20180205120000"))
        #expect(try visit(unsaid).state == .ended(Instant(rfc3339: "2018-02-05T12:00:00Z")!))
        #expect(try unsaid.meta("Encounter").status == "finished")
    }

    @Test(arguments: ["A11", "A27", "A38"]) func aCancelledAdmissionNeverWas(_ event: String) throws {
        let draft = try F.draft(F.adt(event))
        #expect(try draft.meta("Encounter").status == "cancelled")
        #expect(try visit(draft).state == .neverWas)
    }

    @Test func aCancelledDischargeIsAVisitUnderWayAgain() throws {
        let draft = try F.draft(F.adt("A13", pv1: F.pv1([45: "20180205113000", 36: "19"])))
        let encounter = try draft.content("Encounter")
        #expect(encounter.contains(#""status":"in-progress""#) && !encounter.contains(#""end""#))
        #expect(!encounter.contains("dischargeDisposition"))
        #expect(try visit(draft).state == .open(until: nil) && visit(draft).opens)
    }

    /// PV1-45 and PV1-36 of a discharge that is only expected (A16), or is not to be after all (A25): the patient is there.
    @Test(arguments: ["A16", "A25"]) func aDischargeThatIsPendingEndsNothing(_ event: String) throws {
        let draft = try F.draft(F.adt(event, pv1: F.pv1([45: "20180205113000", 36: "19"])))
        let encounter = try draft.content("Encounter")
        #expect(encounter.contains(#""status":"in-progress""#) && !encounter.contains(#""end""#))
        #expect(!encounter.contains("dischargeDisposition"))
        #expect(try visit(draft).state == .open(until: nil) && !visit(draft).opens)
    }

    /// Any other event that tells of a discharge tells of one that was.
    @Test(arguments: ["A01", "A02", "A08", "A12", "A15", "A26"]) func aDischargeToldOfOtherwiseEndsTheVisit(
        _ event: String
    ) throws {
        let draft = try F.draft(F.adt(event, pv1: F.pv1([45: "20180205113000", 36: "19"])))
        #expect(try draft.meta("Encounter").status == "finished")
        #expect(try visit(draft).state == .ended(Instant(rfc3339: "2018-02-05T11:30:00Z")!))
        #expect(try draft.content("Encounter").contains("dischargeDisposition"))
    }

    @Test func aCancelledTransferShowsTheBedThePatientNeverLeft() throws {
        let encounter = try F.draft(F.adt("A12", pv1: F.pv1([6: "WARD9"]))).content("Encounter")
        #expect(encounter.contains("WARD1") && !encounter.contains("WARD9"))
    }

    @Test(arguments: ["A05", "A14"]) func anExpectedVisitIsPlannedAndNoRelationshipYet(_ event: String) throws
    {
        let draft = try F.draft(F.adt(event, pv1: F.pv1([2: "P"])))
        #expect(try draft.meta("Encounter").status == "planned")
        #expect(draft.events.isEmpty)
    }

    @Test(arguments: ["A15", "A16", "A25", "A26", "A09", "A10"]) func whatGoesOnOpensNothing(_ event: String)
        throws
    {
        let draft = try F.draft(F.adt(event))
        #expect(try visit(draft).state == .open(until: nil) && !visit(draft).opens)
        #expect(try draft.meta("Encounter").status == (event == "A10" ? "arrived" : "in-progress"))
    }

    /// An outpatient who is admitted (A06), and an inpatient who becomes one who attends (A07).
    @Test(arguments: [
        ("A06", "I", "IMP", RelationshipState.open(until: nil)),
        ("A07", "O", "AMB", .open(until: Instant(rfc3339: "2018-02-01T23:59:59.999999Z")!)),
    ])
    func aChangeOfClassIsTheSameVisitUnderWay(
        _ event: String, _ sent: String, _ patientClass: String, _ state: RelationshipState
    ) throws {
        let draft = try F.draft(F.adt(event, pv1: F.pv1([2: sent])))
        let encounter = try draft.content("Encounter")
        #expect(encounter.contains(#""id":"RBD.v2-V500""#) && encounter.contains(#""status":"in-progress""#))
        #expect(encounter.contains(#""code":"\#(patientClass)""#) && !encounter.contains(#""end""#))
        #expect(try visit(draft).state == state && visit(draft).opens)
    }

    /// Nothing that is read of a message hangs on its version.
    @Test(arguments: [
        "2.1", "2.2", "2.3", "2.3.1", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "2.8.1", "2.8.2", "2.9",
    ])
    func everyVersionIsReadAlike(_ version: String) throws {
        func sent(_ version: String) throws -> MessageDraft {
            let text = String(decoding: F.adt("A01", pid: Self.full), as: UTF8.self)
            return try F.draft(Array(text.replacing("|P|2.4\r", with: "|P|\(version)\r").utf8))
        }
        let (draft, known) = (try sent(version), try sent("2.4"))
        #expect(draft.raw != known.raw && draft.items.map(\.meta.type) == ["Patient", "Encounter"])
        for type in ["Patient", "Encounter"] { #expect(try draft.content(type) == known.content(type)) }
        #expect(draft.events == known.events && draft.meta.patient == known.meta.patient)
    }

    @Test(arguments: ["2.0", "2.10", "2.10.1", "2.", "3.0", "1.2", "two"]) func whatIsNoVersionOfItIsRefused(
        _ version: String
    ) throws {
        let text = String(decoding: F.adt("A01"), as: UTF8.self)
        let reject = try F.reject(Array(text.replacing("|P|2.4\r", with: "|P|\(version)\r").utf8))
        #expect(reject.path == "MSH-12")
    }

    @Test func anOutpatientAttendsForTheDay() throws {
        let draft = try F.draft(
            F.adt("A04", at: "20180710093000", pv1: F.pv1([2: "O", 44: "20180710091500"])))
        #expect(try visit(draft).state == .open(until: Instant(rfc3339: "2018-07-10T22:59:59.999999Z")!))
    }

    @Test(arguments: ["A28", "A31"]) func thePersonAloneMakesNoVisit(_ event: String) throws {
        let draft = try F.draft(F.adt(event, pid: Self.full, pv1: "PV1|1|N"))
        #expect(draft.items.map(\.meta.type) == ["Patient"] && draft.events.isEmpty)
        #expect(try draft.meta("Patient").asserted == draft.meta.asserted)
    }

    @Test func aDeletedPersonIsForReviewAndNothingIsDeleted() throws {
        let draft = try F.draft(F.adt("A29", pv1: nil))
        #expect(draft.items.isEmpty)
        let review = FeedEvent.review(
            .deletePerson, SubjectID(organisation: "RBD", localID: "H100"), nil)
        #expect(draft.events.first == review && draft.events.count == 2)
        // And that whoever says so has the person no more: a practice's list (decision 20).
        guard case .care(let said) = draft.events.last else { return #expect(Bool(false)) }
        #expect(said.kind == .person && said.state == .over && said.organisations.isEmpty)
    }

    @Test(arguments: [
        ("0", "unknown"), ("1", "male"), ("2", "female"), ("9", "other"), ("F", "female"), ("M", "male"),
    ])
    func gendersOfTheNHSAndOfHL7(_ sent: String, _ expected: String) throws {
        #expect(
            try F.draft(F.adt("A28", pid: F.pid([8: sent]), pv1: nil)).content("Patient").contains(
                #""gender":"\#(expected)""#))
    }

    @Test func localTimeHasTheOffsetOfItsDayAndTheSourcesOwnIsKept() throws {
        func start(_ time: String) throws -> String {
            let encounter = try F.draft(F.adt("A01", pv1: F.pv1([44: time]))).content("Encounter")
            let found = encounter.range(of: #""period":{"#)!
            return String(encounter[found.upperBound...].prefix { $0 != "}" })
        }
        #expect(try start("201807010930") == #""start":"2018-07-01T09:30:00+01:00""#)
        #expect(try start("201801010930") == #""start":"2018-01-01T09:30:00+00:00""#)
        #expect(try start("20180701093000-0500") == #""start":"2018-07-01T09:30:00-05:00""#)
        #expect(try start("20180701") == #""start":"2018-07-01""#)
        // The hour that comes twice in autumn.
        #expect(
            try start("20181028013000").hasPrefix(
                #""start":"2018-10-28T01:30:00+01:00","_start":{"extension":[{"url":"#))
        #expect(try !start("20181028013000+0000").contains("_start"))
        #expect(try !start("20181028023000").contains("_start"))
    }

    @Test func theMessageTimeIsLocalTooUnlessItSaysOtherwise() throws {
        #expect(
            try F.draft(F.adt("A28", at: "20180701093000", pv1: nil)).meta.asserted
                == Instant(rfc3339: "2018-07-01T08:30:00Z"))
        #expect(
            try F.draft(F.adt("A28", at: "20180701093000+0000", pv1: nil)).meta.asserted
                == Instant(rfc3339: "2018-07-01T09:30:00Z"))
    }
}
