/// Messages of the attack suite: what a hospital and a practice send of a patient, and among it what will be withheld.
enum AttackMessages {
    static func bundle(_ id: String, _ time: String, _ entries: [String]) -> String {
        #"{"resourceType":"Bundle","type":"transaction","identifier":{"system":"urn:m","value":"\#(id)"},"#
            + #""timestamp":"\#(time)","entry":["# + entries.joined(separator: ",") + "]}"
    }

    static func put(_ type: String, _ id: String, _ members: String) -> String {
        #"{"fullUrl":"https://fhir.example.org/fhir/\#(type)/\#(id)","resource":{"resourceType":"\#(type)","id":"\#(id)",\#(members)},"#
            + #""request":{"method":"PUT","url":"\#(type)/\#(id)"}}"#
    }

    static func delete(_ type: String, _ id: String) -> String {
        #"{"request":{"method":"DELETE","url":"\#(type)/\#(id)"}}"#
    }

    static func patient(
        _ id: String, number: String, family: String = "Hallett", given: String = "Margaret",
        birthDate: String = "1946-03-17", street: String = "4 Capstan Row", more: String = ""
    ) -> String {
        put(
            "Patient", id,
            #""identifier":[{"extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus","code":"01"}]}}],"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\#(number)"}],"name":[{"family":"\#(family)","given":["\#(given)"]}],"gender":"female","birthDate":"\#(birthDate)","address":[{"line":["\#(street)"],"postalCode":"ZZ99 4AA"}]\#(more)"#
        )
    }

    static func laboratory(_ code: String, subject: String, on date: String, more: String = "") -> String {
        #""status":"final","category":[{"coding":[{"code":"laboratory"}]}],"code":{"coding":[{"system":"http://loinc.org","code":"\#(code)"}],"text":"\#(code)"},"subject":{"reference":"Patient/\#(subject)"},"effectiveDateTime":"\#(date)"\#(more)"#
    }

    /// The patient, seen by everybody in this suite, and a record to compare with.
    static let hospital = bundle(
        "h-1", "2018-02-05T13:55:00Z",
        [
            patient("HP1", number: AttackRegion.patient),
            put(
                "Encounter", "he-1",
                #""status":"finished","class":{"code":"IMP"},"subject":{"reference":"Patient/HP1"},"period":{"start":"2018-01-10"},"participant":[{"individual":{"reference":"Practitioner/hp-1"}}]"#
            ),
            put("Practitioner", "hp-1", #""name":[{"family":"Reed"}]"#),
            put("Specimen", "hs-1", #""type":{"text":"Blood"},"subject":{"reference":"Patient/HP1"}"#),
            put(
                "Observation", "ho-1",
                laboratory(
                    "2823-3", subject: "HP1", on: "2018-01-10",
                    more: #","specimen":{"reference":"Specimen/hs-1"}"#)),
            put("Observation", "ho-2", laboratory("2951-2", subject: "HP1", on: "2018-01-20")),
            put(
                "DiagnosticReport", "hr-1",
                laboratory(
                    "24323-8", subject: "HP1", on: "2018-01-10",
                    more: #","result":[{"reference":"Observation/ho-1"},{"reference":"Observation/ho-2"}]"#)),
            put(
                "Condition", "hc-1",
                #""clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"267036007"}]},"subject":{"reference":"Patient/HP1"},"onsetDateTime":"2018-01-10""#
            ),
        ])

    static let hospitalOther = bundle(
        "h-2", "2018-02-05T13:56:00Z",
        [
            patient(
                "HQ1", number: AttackRegion.other, family: "Marl", given: "Owen", birthDate: "1971-08-09")
        ])

    /// What a practice sends of a patient and nobody withholds by itself.
    static func practice(_ subject: String, _ prefix: String) -> [String] {
        [
            put("Observation", "\(prefix)-obs", laboratory("718-7", subject: subject, on: "2018-01-12")),
            put(
                "Condition", "\(prefix)-cond",
                #""clinicalStatus":{"coding":[{"code":"active"}]},"code":{"coding":[{"system":"http://snomed.info/sct","code":"195967001"}]},"subject":{"reference":"Patient/\#(subject)"},"onsetDateTime":"2018-01-02""#
            ),
        ]
    }
}
