import CareRecord
import Intake
import Testing

@Suite struct FHIRCategoryTests {
    typealias F = IntakeFixture

    @Test(
        arguments: [
            ("Patient", Category.demographics), ("RelatedPerson", .nextOfKin), ("Condition", .diagnoses),
            ("MedicationStatement", .medications), ("MedicationRequest", .medications), ("Flag", .alerts),
            ("AllergyIntolerance", .allergies), ("Observation", .observations), ("ImagingStudy", .imaging),
            ("DiagnosticReport", .bloodTests), ("Encounter", .encounters), ("Appointment", .appointments),
            ("DocumentReference", .documents), ("Binary", .documents), ("Procedure", .procedures),
            ("Immunization", .immunisations), ("Consent", .carePreferences), ("CarePlan", .carePreferences),
            ("QuestionnaireResponse", .carePreferences), ("CareTeam", .other), ("ServiceRequest", .other),
            ("Medication", .other), ("Practitioner", .cited), ("Organization", .cited), ("Location", .cited),
            ("Specimen", .cited), ("Provenance", .cited), ("SomethingNew", .other),
        ])
    func typesHaveTheirCategory(_ type: String, _ category: Category) throws {
        #expect(try F.draft(#"{"resourceType":"\#(type)","id":"1"}"#).meta(type).category == category)
    }

    @Test(arguments: ["CarePlan", "CareTeam", "ServiceRequest", "EpisodeOfCare"])
    func councilsSendSocialCare(_ type: String) throws {
        let meta = try F.draft(#"{"resourceType":"\#(type)","id":"1"}"#, F.council).meta(type)
        #expect(meta.category == .socialCare)
    }

    static func concept(_ system: String, _ code: String) -> String {
        #"{"coding":[{"system":"\#(system)","code":"\#(code)"}]}"#
    }

    static let laboratory =
        #""category":[\#(concept("http://terminology.hl7.org/CodeSystem/observation-category", "laboratory"))]"#

    @Test(
        arguments: [
            ("Observation", laboratory, nil, Category.bloodTests),
            ("Observation", laboratory, "{}", .bloodTests),
            (
                "Observation", laboratory, #"{"type":\#(concept("http://snomed.info/sct", "119297000"))}"#,
                .bloodTests
            ),
            ("Observation", #""x":1"#, #"{"type":{"text":"Venous blood"}}"#, .bloodTests),
            (
                "Observation", #""x":1"#, #"{"type":\#(concept("http://snomed.info/sct", "122575003"))}"#,
                .pathology
            ),
            ("Observation", laboratory, #"{"type":{"text":"Urine"}}"#, .pathology),
            ("Observation", #""category":[\#(concept("x", "imaging"))]"#, nil, .imaging),
            ("Observation", #""category":[\#(concept("x", "vital-signs"))]"#, nil, .observations),
            ("DiagnosticReport", #""x":1"#, #"{"type":{"text":"Urine"}}"#, .pathology),
            (
                "DiagnosticReport",
                #""category":[\#(concept("http://terminology.hl7.org/CodeSystem/v2-0074", "RAD"))]"#, nil,
                .imaging
            ),
            (
                "DiagnosticReport", #""category":[\#(concept("http://loinc.org", "LP29684-5"))]"#, nil,
                .imaging
            ),
            (
                "DiagnosticReport",
                #""category":[\#(concept("http://terminology.hl7.org/CodeSystem/v2-0074", "LAB"))]"#, nil,
                .bloodTests
            ),
        ])
    func resultsGoByCategoryAndSpecimen(
        _ type: String, _ members: String, _ specimen: String?, _ category: Category
    ) throws {
        let isReport = type == "DiagnosticReport"
        func with(_ reference: String) -> String {
            let value = #"{"reference":"\#(reference)"}"#
            let member = specimen == nil ? "" : #","specimen":\#(isReport ? "[\(value)]" : value)"#
            return #"{"resourceType":"\#(type)","id":"1",\#(members)\#(member)"#
        }
        let body = specimen.map { String($0.dropFirst()) } ?? "}"
        let comma = body == "}" ? "" : ","
        let own = #"{"resourceType":"Specimen","id":"s1"\#(comma)\#(body)"#
        let contained = with("#s1") + #","contained":[\#(own)]}"#
        #expect(try F.draft(contained).meta(type).category == category)
        for reference in ["Specimen/s1", "urn:uuid:u0"] {
            #expect(try F.draft(F.bundle([own, with(reference) + "}"])).meta(type).category == category)
        }
    }
}
