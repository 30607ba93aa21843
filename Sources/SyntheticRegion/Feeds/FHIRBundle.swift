import Wire

/// One FHIR R4 message: a transaction Bundle about one patient, on one line. Nothing in the texts needs escaping.
struct FHIRBundle {
    let source: String
    let person: Person
    /// When the source says it.
    let time: Instant
    private var entries: [String] = []
    private var patient: String { "Patient/\(person.localID(at: source))" }

    init(_ source: String, _ person: Person, at time: Instant) {
        (self.source, self.person, self.time) = (source, person, time)
    }

    /// - Parameter id: Bundle.identifier.
    func bytes(id: String) -> [UInt8] {
        let head =
            #"{"resourceType":"Bundle","type":"transaction","identifier":{"system":"https://\#(source.lowercased()).example.org/message","value":"\#(id)"},"timestamp":"\#(time)","entry":["#
        return Array((head + entries.joined(separator: ",") + "]}").utf8)
    }

    /// Adds a resource: its members after type, id and meta.
    mutating func put(_ type: String, _ id: String, _ members: String) {
        entries.append(
            #"{"resource":{"resourceType":"\#(type)","id":"\#(id)","meta":{"lastUpdated":"\#(time)"},\#(members)},"request":{"method":"PUT","url":"\#(type)/\#(id)"}}"#
        )
    }

    mutating func delete(_ type: String, _ id: String) {
        entries.append(#"{"request":{"method":"DELETE","url":"\#(type)/\#(id)"}}"#)
    }

    private static let verified =
        #""extension":[{"url":"https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus","valueCodeableConcept":{"coding":[{"system":"https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatus","code":"01"}]}}],"#

    /// The patient, with what the source knows of them.
    mutating func putPatient(
        practice: String? = nil, practiceName: String = "", kin: Person? = nil, nhs: String? = nil,
        died: Day? = nil
    ) {
        let home = person.address
        var text =
            #""identifier":[{\#(Self.verified)"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\#(nhs ?? person.nhs)"}],"active":true,"name":[{"use":"official","family":"\#(person.family)","given":["\#(person.given)"]}],"telecom":[{"system":"phone","value":"\#(home.phone)","use":"home"}],"gender":"\#(person.isFemale ? "female" : "male")","birthDate":"\#(person.birth)""#
        if let died { text += #","deceasedDateTime":"\#(died.text)""# }
        text +=
            #","address":[{"use":"home","line":["\#(home.line)"],"city":"\#(home.town)","district":"Dorset","postalCode":"\#(home.postcode)"}]"#
        if let kin {
            text +=
                #","contact":[{"relationship":[{"text":"Next of kin"}],"name":{"family":"\#(kin.family)","given":["\#(kin.given)"]},"telecom":[{"system":"phone","value":"\#(kin.address.phone)"}]}]"#
        }
        if let practice {
            text +=
                #","generalPractitioner":[{"reference":"Organization/\#(practice)","display":"\#(practiceName)"}]"#
        }
        put("Patient", person.localID(at: source), text)
    }

    private static func concept(_ system: String, _ code: String, _ text: String) -> String {
        #"{"coding":[{"system":"\#(system)","code":"\#(code)","display":"\#(text)"}],"text":"\#(text)"}"#
    }

    private static let snomed = "http://snomed.info/sct"

    mutating func putProblem(_ number: Int, onset: Day, isActive: Bool = true, inError: Bool = false) {
        let problem = Vocabulary.problems[number]
        let status =
            inError
            ? ""
            : #""clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"\#(isActive ? "active" : "resolved")"}]},"#
        put(
            "Condition", problemID(number),
            #"\#(status)"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"\#(inError ? "entered-in-error" : "confirmed")"}]},"code":\#(Self.concept(Self.snomed, problem.snomed, problem.name)),"subject":{"reference":"\#(patient)"},"onsetDateTime":"\#(onset.text)""#
        )
    }

    func problemID(_ number: Int) -> String { "c-\(person.number)-\(number)" }

    mutating func putMedicine(_ number: Int, from day: Day, status: String = "active") {
        guard let medicine = Vocabulary.problems[number].medicine else { return }
        put(
            "MedicationStatement", "m-\(person.number)-\(number)",
            #""status":"\#(status)","medicationCodeableConcept":\#(Self.concept(Self.snomed, medicine.code, medicine.text)),"subject":{"reference":"\#(patient)"},"effectivePeriod":{"start":"\#(day.text)"},"dosage":[{"text":"\#(medicine.dose)"}]"#
        )
    }

    mutating func putAllergy(_ number: Int) {
        let allergy = Vocabulary.allergies[number]
        put(
            "AllergyIntolerance", "a-\(person.number)-\(number)",
            #""clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"confirmed"}]},"criticality":"high","code":\#(Self.concept(Self.snomed, allergy.0, allergy.1)),"patient":{"reference":"\#(patient)"},"reaction":[{"manifestation":[{"text":"\#(allergy.2)"}]}]"#
        )
    }

    /// SNOMED CT: no known allergy. Said, not assumed.
    mutating func putNoKnownAllergy() {
        put(
            "AllergyIntolerance", "a-\(person.number)-none",
            #""clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"code":\#(Self.concept(Self.snomed, "716186003", "No known allergy")),"patient":{"reference":"\#(patient)"}"#
        )
    }

    mutating func putVaccine(_ number: Int, _ id: String, on day: Day) {
        let vaccine = Vocabulary.vaccines[number]
        put(
            "Immunization", id,
            #""status":"completed","vaccineCode":\#(Self.concept(Self.snomed, vaccine.0, vaccine.1)),"patient":{"reference":"\#(patient)"},"occurrenceDateTime":"\#(day.text)","primarySource":true"#
        )
    }

    mutating func putBloodPressure(_ id: String, _ systolic: Int, _ diastolic: Int, at moment: Instant) {
        func part(_ code: String, _ name: String, _ value: Int) -> String {
            #"{"code":\#(Self.concept("http://loinc.org", code, name)),"valueQuantity":{"value":\#(value),"unit":"mmHg"}}"#
        }
        put(
            "Observation", id,
            #""status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs"}]}],"code":\#(Self.concept("http://loinc.org", "85354-9", "Blood pressure")),"subject":{"reference":"\#(patient)"},"effectiveDateTime":"\#(moment)","component":[\#(part("8480-6", "Systolic", systolic)),\#(part("8462-4", "Diastolic", diastolic))]"#
        )
    }

    mutating func putEncounter(_ id: String, _ text: String, at moment: Instant) {
        put(
            "Encounter", id,
            #""status":"finished","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"HH"},"type":[{"text":"\#(text)"}],"subject":{"reference":"\#(patient)"},"period":{"start":"\#(moment)","end":"\#(moment.adding(minutes: 40))"}"#
        )
    }

    mutating func putCarePlan(_ id: String, _ title: String, from day: Day, status: String = "active") {
        put(
            "CarePlan", id,
            #""status":"\#(status)","intent":"plan","title":"\#(title)","subject":{"reference":"\#(patient)"},"period":{"start":"\#(day.text)"}"#
        )
    }

    mutating func putDocument(_ id: String, _ title: String, at moment: Instant) {
        put(
            "DocumentReference", id,
            #""status":"current","type":{"text":"\#(title)"},"subject":{"reference":"\#(patient)"},"date":"\#(moment)","content":[{"attachment":{"contentType":"text/plain","title":"\#(title)","data":"U2VlbiBhdCBob21lLg=="}}]"#
        )
    }

    mutating func putPreference(_ id: String, on day: Day) {
        put(
            "Consent", id,
            #""status":"active","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"adr"}]},"category":[{"text":"Advance decision"}],"patient":{"reference":"\#(patient)"},"dateTime":"\#(day.text)""#
        )
    }
}
