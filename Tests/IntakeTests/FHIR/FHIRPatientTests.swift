import CareRecord
import Intake
import Testing
import Wire

@Suite struct FHIRPatientTests {
    typealias F = IntakeFixture

    static let full = #"""
        {"resourceType":"Patient","id":"H100","meta":{"lastUpdated":"2018-02-01T09:30:00Z"},
         "identifier":[
          {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"987 654 3210","extension":[{
            "url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
            "valueCodeableConcept":{"coding":[{"system":"any","code":"01"}]}}]},
          {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"4000000632"},
          {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"1234567890"},
          {"use":"old","system":"https://fhir.nhs.uk/Id/nhs-number","value":"9990000018"},
          {"system":"urn:h","value":"77","type":{"coding":[{"code":"MR"}]}},
          {"system":"urn:h","value":"H100","type":{"coding":[{"code":"MR"}]}},
          {"system":"urn:h","value":"88","type":{"coding":[{"code":"MR"}]},"assigner":{"identifier":{"value":"RD3"}}}],
         "name":[{"use":"old","family":"Before"},{"use":"official","family":"Ó Sé","given":["Áine","M"]}],
         "birthDate":"1950-02-03","deceasedDateTime":"2019-11-02"}
        """#

    @Test func identityIsRead() throws {
        let stated = try #require(try F.draft(Self.full).meta.patient)
        #expect(
            stated.numbers == [
                .init(try #require(NHSNumber("9876543210")), verified: true),
                .init(try #require(NHSNumber("4000000632")), verified: false),
            ])
        #expect(stated.birthDate == "1950-02-03")
        #expect(stated.family == "Ó Sé" && stated.given == ["Áine", "M"])
        #expect(stated.localIdentifiers == ["77"])
        #expect(stated.deceased == "2019-11-02")
        #expect(stated.asserted == Instant(rfc3339: "2018-02-01T09:30:00Z"))
    }

    @Test func deathWithoutADate() throws {
        func deceased(_ value: String) throws -> String? {
            try F.draft(#"{"resourceType":"Patient","id":"1","deceasedBoolean":\#(value)}"#).meta.patient?
                .deceased
        }
        #expect(try deceased("true") == "true")
        #expect(try deceased("false") == nil)
    }

    @Test(
        arguments: [
            #""active":true,"generalPractitioner":[{"display":"G"}],"x":1,"contact":[{"name":{"text":"C"}}]"#,
            #""generalPractitioner":[],"contact":[]"#,
            #""contact":[],"generalPractitioner":[],"y":[1,{"z":2}]"#,
            #""contact":[]"#, #""x":1"#, #""text":{"div":"C"},"contact":[]"#,
            #""text":{"div":"G"},"x":1,"generalPractitioner":[],"contact":[]"#,
            ##""contained":[{"resourceType":"Practitioner","id":"g"}],"generalPractitioner":[{"reference":"#g"}]"##,
        ])
    func takingOutAnySplitsLeavesTheRest(_ members: String) throws {
        for text in [
            #"{"resourceType":"Patient","id":"H1",\#(members)}"#,
            #"{\#(members),"id":"H1","resourceType":"Patient"}"#,
            #"{ "resourceType": "Patient",  \#(members) , "id" : "H1" }"#,
        ] {
            let draft = try F.draft(text)
            let splits = try draft.meta("Patient").splits
            let content = Array(try draft.content("Patient").utf8)
            let all = try JSONDocument(content).root.members
            for subset in 0..<(1 << splits.count) {
                var left = content
                var removed: Set<String> = []
                for i in splits.indices.reversed() where subset & (1 << i) != 0 {
                    let range = splits[i].range
                    let member = String(decoding: content[range], as: UTF8.self)
                    removed.insert(String(member.drop { $0 == "," }.dropFirst().prefix { $0 != "\"" }))
                    left.removeSubrange(range)
                }
                let rest = try JSONDocument(left).root.members.map(\.name)
                #expect(rest == all.map(\.name).filter { !removed.contains($0) })
                #expect(removed.count == subset.nonzeroBitCount)
            }
            let named = Set(all.map(\.name))
            #expect(splits.contains { $0.category == .gpPractice } == named.contains("generalPractitioner"))
            #expect(splits.contains { $0.category == .nextOfKin } == named.contains("contact"))
        }
    }

    @Test func linksToOtherPatientsNameNobody() throws {
        let text = #"""
            {"resourceType":"Patient","id":"H1","link":[{"other":{"reference":"Patient/H2"},"type":"replaces"}]}
            """#
        let draft = try F.draft(text)
        #expect(draft.meta.subject.localID == "H1")
        #expect(try draft.content("Patient").contains(#""reference":"Patient/RBD.H2""#))
    }
}
