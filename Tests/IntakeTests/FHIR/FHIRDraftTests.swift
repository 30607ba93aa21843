import CareRecord
import Intake
import Testing
import Wire

@Suite struct FHIRDraftTests {
    typealias F = IntakeFixture

    @Test func oneResourceKeepsEverythingButItsIDAndReferences() throws {
        let text = """
            {
              "resourceType" : "Observation",
              "id" : "o1",  "status":"final",
              "subject": { "reference" : "Patient/H100" , "display": "A  B \\u0041" },
              "valueQuantity": {"value": 6.10, "_x": [1.0e+2, null, true]},
              "encounter": {"reference": "Encounter/e1/_history/3"},
              "performer": [{"reference": "#p"}, {"reference": "http://else.where/Practitioner/1"}],
              "derivedFrom": [{"reference": "Nothing/1"}, {"reference": "Observation/o0"}]
            }
            """
        let draft = try F.draft(text)
        #expect(
            try draft.content("Observation") == """
                {"resourceType":"Observation","id":"RBD.o1","status":"final","subject":{"reference":\
                "Patient/RBD.H100","display":"A  B \\u0041"},"valueQuantity":{"value":6.10,"_x":[1.0e+2,null,true]},\
                "encounter":{"reference":"Encounter/RBD.e1/_history/3"},"performer":[{"reference":"#p"},\
                {"reference":"http://else.where/Practitioner/1"}],"derivedFrom":[{"reference":"Nothing/1"},\
                {"reference":"Observation/RBD.o0"}]}
                """)
        #expect(draft.raw == Array(text.utf8))
        #expect(draft.subjects.map(\.subject) == [SubjectID(organisation: "RBD", localID: "H100")])
        #expect(draft.meta.isAboutPatient && draft.meta.patient == nil)
        let meta = try draft.meta("Observation")
        #expect(meta.sourceID == "o1" && meta.daybookID == "RBD.o1" && meta.operation == .upsert)
        #expect(meta.references == ["Patient/RBD.H100", "Encounter/RBD.e1", "Observation/RBD.o0"])
        #expect(meta.status == "final")
        #expect(try ItemMeta(decoding: meta.encoded) == meta)
    }

    @Test func referencesInABundleResolve() throws {
        let text = F.bundle(
            [
                #"{"resourceType":"Patient","id":"H100"}"#,
                #"{"resourceType":"Encounter","id":"e1","subject":{"reference":"urn:uuid:u0"}}"#,
                #"{"resourceType":"Practitioner","identifier":[{"system":"s","value":"v 1"}]}"#,
                #"""
                {"resourceType":"Condition","id":"c1","subject":{"reference":"Patient\/H100"},
                 "encounter":{"reference":"urn:uuid:u1"},"asserter":{"reference":"Practitioner?identifier=s|v%201"},
                 "recorder":{"reference":"Practitioner?identifier=s|other"}}
                """#,
            ])
        let draft = try F.draft(text)
        let condition = try JSONDocument(draft.content("Condition")).root
        #expect(condition["subject"]?["reference"]?.string == "Patient/RBD.H100")
        #expect(condition["encounter"]?["reference"]?.string == "Encounter/RBD.e1")
        #expect(condition["asserter"]?["reference"]?.string == "Practitioner/RBD.u2")
        #expect(condition["recorder"]?["reference"]?.string == "Practitioner?identifier=s|other")
        let practitioner = try draft.content("Practitioner")
        #expect(practitioner.hasPrefix(#"{"resourceType":"Practitioner","id":"RBD.u2","identifier""#))
        #expect(draft.subjects.count == 1 && draft.items.count == 4)
        #expect(draft.subjects[0].subject.localID == "H100")
    }

    @Test func absoluteFullURLsMakeTheirServerLocal() throws {
        let text = #"""
            {"resourceType":"Bundle","type":"collection","entry":[
              {"fullUrl":"https://ehr/fhir/Patient/1","resource":{"resourceType":"Patient","id":"1"}},
              {"fullUrl":"https://ehr/fhir/Flag/2","resource":{"resourceType":"Flag",
                "subject":{"reference":"https://ehr/fhir/Patient/1/_history/4"},
                "author":{"reference":"https://ehr/fhir/Practitioner/9"}}}]}
            """#
        let flag = try JSONDocument(F.draft(text).content("Flag")).root
        #expect(flag["id"]?.string == "RBD.2")
        #expect(flag["subject"]?["reference"]?.string == "Patient/RBD.1/_history/4")
        #expect(flag["author"]?["reference"]?.string == "Practitioner/RBD.9")
    }

    @Test func idsThatAreNoFHIRIdsAreHashed() throws {
        for (id, isHashed) in [
            ("a-b.C1", false), (String(repeating: "x", count: 60), false),
            (String(repeating: "x", count: 61), true),
            ("a_b", true), (".a", true), ("..a", true),
        ] {
            let meta = try F.draft(#"{"resourceType":"Flag","id":"\#(id)"}"#).meta("Flag")
            #expect(meta.sourceID == id)
            #expect(meta.daybookID.hasPrefix(isHashed ? "RBD.." : "RBD."))
            #expect(meta.daybookID.count <= 64)
            #expect(meta.daybookID == "RBD.\(id)" || isHashed)
        }
        let flag = try F.draft(#"{"resourceType":"Flag","id":"a_b"}"#).meta("Flag").daybookID
        let basic = try F.draft(#"{"resourceType":"Basic","id":"a_b"}"#).meta("Basic").daybookID
        #expect(flag != basic && flag.count == 45)
    }

    @Test func withoutAPatientEachResourceIsASubject() throws {
        let draft = try F.draft(
            F.bundle(
                [#"{"resourceType":"Organization","id":"a"}"#, #"{"resourceType":"Location","id":"b"}"#],
                type: "batch"))
        #expect(draft.subjects.map(\.subject.description) == ["RBD:Organization/a", "RBD:Location/b"])
        #expect(!draft.meta.isAboutPatient && draft.meta.subject == draft.subjects[0].subject)
        #expect(draft.items.allSatisfy { $0.meta.category == .cited })
    }

    @Test func deletionsAndRetractions() throws {
        let text = #"""
            {"resourceType":"Bundle","type":"batch","timestamp":"2018-02-01T09:30:00Z","entry":[
              {"resource":{"resourceType":"Observation","id":"o1","status":"entered-in-error",
                "subject":{"reference":"Patient/p"}}},
              {"resource":{"resourceType":"Condition","id":"c1","verificationStatus":
                {"coding":[{"code":"entered-in-error"}]},"subject":{"reference":"Patient/p"}}},
              {"request":{"method":"DELETE","url":"Flag/f1"}}]}
            """#
        let draft = try F.draft(text)
        #expect(draft.items.map(\.meta.operation) == [.enteredInError, .enteredInError, .delete])
        let deletion = try draft.meta("Flag")
        #expect(deletion.daybookID == "RBD.f1" && deletion.category == .alerts)
        #expect(deletion.asserted == Instant(rfc3339: "2018-02-01T09:30:00Z"))
        #expect(draft.items[2].content == .literal([]))
        #expect(draft.subjects.count == 1)
    }

    @Test func assertionTimesAreTheResourcesOwnElseTheBundles() throws {
        let draft = try F.draft(
            F.bundle(
                [
                    #"{"resourceType":"Flag","id":"1","meta":{"lastUpdated":"2018-01-01T00:00:00+01:00"}}"#,
                    #"{"resourceType":"Basic","id":"1"}"#,
                ],
                more: #","timestamp":"2018-03-01T00:00:00Z","identifier":{"system":"s","value":"m1"}"#))
        #expect(try draft.meta("Flag").asserted == Instant(rfc3339: "2017-12-31T23:00:00Z"))
        #expect(try draft.meta("Basic").asserted == Instant(rfc3339: "2018-03-01T00:00:00Z"))
        #expect(draft.meta.asserted == Instant(rfc3339: "2018-03-01T00:00:00Z"))
        #expect(draft.meta.messageID == "s|m1")
        let single = try F.draft(
            #"{"resourceType":"Flag","id":"1","meta":{"lastUpdated":"2018-01-01T00:00:00Z"}}"#)
        #expect(single.meta.asserted == Instant(rfc3339: "2018-01-01T00:00:00Z"))
        #expect(single.meta.messageID.isEmpty)
    }

    @Test func otherBundlesAreKeptWhole() throws {
        let text = #"""
            {"resourceType":"Bundle","id":"d1","type":"document","entry":[
              {"fullUrl":"urn:uuid:p","resource":{"resourceType":"Patient","id":"H1"}},
              {"fullUrl":"urn:uuid:c","resource":{"resourceType":"Composition","subject":{"reference":"urn:uuid:p"},
               "author":[{"reference":"Practitioner/1"}]}}]}
            """#
        let draft = try F.draft(text)
        #expect(draft.items.count == 1)
        #expect(draft.meta.subject.localID == "H1" && draft.meta.isAboutPatient)
        #expect(try draft.meta("Bundle").category == .other)
        let expected = try JSONDocument(text.replacing("\"d1\"", with: "\"RBD.d1\""))
        #expect(try JSONDocument(draft.content("Bundle")).isEquivalent(to: expected))
    }

    @Test func codesAreThoseThatAnExclusionSetMustSee() throws {
        let draft = try F.draft(
            #"""
            {"resourceType":"Observation","id":"1","meta":{"tag":[{"system":"t","code":"t"}],
             "security":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"PSY"},{"code":"R"}]},
             "category":[{"coding":[{"system":"c","code":"laboratory"}]}],
             "identifier":[{"type":{"coding":[{"code":"MR"}]}}],
             "code":{"coding":[{"system":"http://loinc.org","code":"1"},{"system":"http://loinc.org","code":"1"}]},
             "valueCodeableConcept":{"coding":[{"system":"s","code":"2"}]},
             "interpretation":[{"coding":[{"code":"H"}]}],
             "component":[{"code":{"coding":[{"system":"s","code":"3"}]},"valueQuantity":{"system":"u","code":"mg"}}],
             "contained":[{"resourceType":"Condition","code":{"coding":[{"system":"s","code":"4"}]}}],
             "extension":[{"valueCoding":{"code":"5"}}]}
            """#)
        let codes = try draft.meta("Observation").codes
        #expect(
            codes.map(\.description) == [
                "http://terminology.hl7.org/CodeSystem/v3-ActCode|PSY", "|R", "http://loinc.org|1", "s|2",
                "s|3",
                "s|4", "|5",
            ])
    }

    @Test(
        arguments: [
            (#""effectiveDateTime":"2018-02","issued":"2018-03-01T00:00:00Z""#, "2018-02"),
            (
                #""issued":"2018-03-01T00:00:00Z","effectivePeriod":{"start":"2018-01-01","end":"2018-01-02"}"#,
                "2018-01-01"
            ),
            (#""period":{"start":"2018-01-05"}"#, "2018-01-05"), (#""authoredOn":"2017""#, "2017"),
            (#""period":{"end":"2018-01-05"}"#, nil), (#""valueString":"x""#, nil),
        ])
    func effectiveTimesAreAsSent(_ members: String, _ expected: String?) throws {
        #expect(
            try F.draft(#"{"resourceType":"Basic","id":"1",\#(members)}"#).meta("Basic").effective == expected
        )
    }
}
