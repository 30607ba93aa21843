// One resource a line is the point here, however long the line.
// swift-format-ignore-file

/// The resources of a synthetic patient, in the shapes that GP and hospital systems send: 1 to 2 KB each, minified.
enum Templates {
    static let patient = Template(
        "Patient",
        #"""
        {"resourceType":"Patient","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient"]},"identifier":[{"use":"official","system":"https://fhir.example.nhs.uk/id/local-number","value":"«=number:1000000-9999999»"}],"active":true,"name":[{"use":"official","family":"«=pick:Ashworth|Bentley|Cartwright|Dunmore|Ellison|Fairley|Greenhalgh|Holroyd»","given":["«=pick:Amelia|Bilal|Chloe|Daniel|Esther|Farah|George|Hannah»","«=pick:Jane|John|Mary|Omar»"],"prefix":["«=pick:Mr|Mrs|Ms|Dr»"]}],"telecom":[{"system":"phone","value":"07700 9«number:10000-99999»","use":"mobile"},{"system":"email","value":"«=uuid»@example.org"}],"gender":"«=pick:female|male|other»","birthDate":"«=date»","address":[{"use":"home","type":"both","line":["«number:1-200» «pick:High Street|Church Lane|Mill Road|Station Approach»"],"city":"«pick:Leeds|Bradford|Halifax|Wakefield»","postalCode":"LS«number:1-29» «number:1-9»AB"}],"contact":[{"relationship":[{"text":"«=pick:Mother|Father|Partner|Daughter|Son»"}],"name":{"text":"«words:2»"},"telecom":[{"system":"phone","value":"0113 496 0«number:100-999»"}]}],"generalPractitioner":[{"reference":"Organization/«=uuid»","display":"«=pick:Park View Surgery|Riverside Practice|The Grange Medical Centre»"}]}
        """#)

    static let laboratory = Template(
        "Observation",
        #"""
        {"resourceType":"Observation","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation-Lab"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/observation","value":"«=uuid»"}],"status":"«pick:preliminary|final|amended»","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory","display":"Laboratory"}]}],"code":«=coding:0»,"subject":{"reference":"Patient/«patient»"},"encounter":{"reference":"Encounter/«=uuid»"},"effectiveDateTime":"«time»","issued":"«time»","performer":[{"reference":"Practitioner/«=uuid»","display":"Dr «=pick:Ahmed|Begum|Clarke|Davies|Evans|Farrow|Green|Hughes|Iqbal|Jones»"}],"valueQuantity":{"value":«number:1-400».«number:1-9»,"unit":"mmol/L","system":"http://unitsofmeasure.org","code":"mmol/L"},"interpretation":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation","code":"«pick:N|H|L|HH»"}]}],"referenceRange":[{"low":{"value":«=number:1-40»,"unit":"mmol/L"},"high":{"value":«=number:41-400»,"unit":"mmol/L"}}]}
        """#)

    static let vitalSigns = Template(
        "Observation",
        #"""
        {"resourceType":"Observation","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Observation-VitalSigns"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/observation","value":"«=uuid»"}],"status":"final","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/observation-category","code":"vital-signs","display":"Vital Signs"}]}],"code":«=coding:1»,"subject":{"reference":"Patient/«patient»"},"encounter":{"reference":"Encounter/«uuid»"},"effectiveDateTime":"«time»","performer":[{"reference":"Practitioner/«=uuid»","display":"Dr «=pick:Ahmed|Begum|Clarke|Davies|Evans|Farrow|Green|Hughes|Iqbal|Jones»"}],"valueQuantity":{"value":«number:10-200».«number:1-9»,"unit":"1","system":"http://unitsofmeasure.org","code":"1"},"note":[{"text":"«words:14»"}]}
        """#)

    static let condition = Template(
        "Condition",
        #"""
        {"resourceType":"Condition","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Condition"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/condition","value":"«=uuid»"}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>«words:18»</p></div>"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"«pick:active|inactive|resolved»"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-ver-status","code":"confirmed"}]},"category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-category","code":"problem-list-item","display":"Problem List Item"}]}],"code":«=coding:2»,"subject":{"reference":"Patient/«patient»"},"encounter":{"reference":"Encounter/«=uuid»"},"onsetDateTime":"«=date»","recordedDate":"«=date»","note":[{"text":"«words:20»"}]}
        """#)

    static let medication = Template(
        "MedicationRequest",
        #"""
        {"resourceType":"MedicationRequest","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-MedicationRequest"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/prescription","value":"«=uuid»"}],"status":"«pick:active|completed|stopped|on-hold»","intent":"order","medicationCodeableConcept":«=coding:3»,"subject":{"reference":"Patient/«patient»"},"encounter":{"reference":"Encounter/«=uuid»"},"authoredOn":"«time»","requester":{"reference":"Practitioner/«=uuid»"},"dosageInstruction":[{"sequence":1,"text":"Take «number:1-4» «pick:once|twice|three times» a day","timing":{"repeat":{"frequency":«number:1-4»,"period":1,"periodUnit":"d"}},"asNeededBoolean":false,"doseAndRate":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/dose-rate-type","code":"ordered","display":"Ordered"}]},"doseQuantity":{"value":«number:1-4»}}]}],"dispenseRequest":{"validityPeriod":{"start":"«date»","end":"«date»"},"quantity":{"value":«number:7-84»,"unit":"tablet"}}}
        """#)

    static let encounter = Template(
        "Encounter",
        #"""
        {"resourceType":"Encounter","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Encounter"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/encounter","value":"«=uuid»"}],"status":"«pick:planned|in-progress|finished»","class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"«=pick:AMB|EMER|IMP»"},"type":[«=coding:4»],"subject":{"reference":"Patient/«patient»"},"participant":[{"individual":{"reference":"Practitioner/«=uuid»"}}],"period":{"start":"«time»","end":"«time»"},"reasonCode":[«coding:2»],"hospitalization":{"dischargeDisposition":{"text":"«words:6»"}},"location":[{"location":{"reference":"Location/«=uuid»","display":"«words:3»"}}],"serviceProvider":{"reference":"Organization/«=uuid»"}}
        """#)

    static let procedure = Template(
        "Procedure",
        #"""
        {"resourceType":"Procedure","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Procedure"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/procedure","value":"«=uuid»"}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>«words:16»</p></div>"},"status":"«pick:in-progress|completed»","code":«=coding:4»,"subject":{"reference":"Patient/«patient»"},"encounter":{"reference":"Encounter/«=uuid»"},"performedPeriod":{"start":"«time»","end":"«time»"},"performer":[{"actor":{"reference":"Practitioner/«=uuid»"}}],"reasonCode":[«=coding:2»],"note":[{"text":"«words:24»"}]}
        """#)

    static let immunisation = Template(
        "Immunization",
        #"""
        {"resourceType":"Immunization","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Immunization"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/immunisation","value":"«=uuid»"}],"status":"«pick:completed|not-done»","vaccineCode":«=coding:5»,"patient":{"reference":"Patient/«patient»"},"encounter":{"reference":"Encounter/«=uuid»"},"occurrenceDateTime":"«time»","primarySource":true,"lotNumber":"«=number:100000-999999»","expirationDate":"«=date»","site":{"text":"left arm"},"doseQuantity":{"value":0.5,"unit":"mL"},"performer":[{"actor":{"reference":"Practitioner/«=uuid»"}}],"note":[{"text":"«words:22»"}]}
        """#)

    static let report = Template(
        "DiagnosticReport",
        #"""
        {"resourceType":"DiagnosticReport","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-DiagnosticReport"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/report","value":"«=uuid»"}],"status":"«pick:preliminary|final»","category":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0074","code":"LAB","display":"Laboratory"}]}],"code":«=coding:0»,"subject":{"reference":"Patient/«patient»"},"encounter":{"reference":"Encounter/«=uuid»"},"effectiveDateTime":"«time»","issued":"«time»","result":[{"reference":"Observation/«=uuid»"},{"reference":"Observation/«=uuid»"},{"reference":"Observation/«=uuid»"},{"reference":"Observation/«=uuid»"},{"reference":"Observation/«=uuid»"}],"conclusion":"«words:26»"}
        """#)

    static let allergy = Template(
        "AllergyIntolerance",
        #"""
        {"resourceType":"AllergyIntolerance","id":"«id»","meta":{"versionId":"«number:1-99»","lastUpdated":"«updated»","profile":["https://fhir.hl7.org.uk/StructureDefinition/UKCore-AllergyIntolerance"]},"identifier":[{"use":"usual","system":"https://fhir.example.nhs.uk/id/allergy","value":"«=uuid»"}],"text":{"status":"generated","div":"<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>«words:12»</p></div>"},"clinicalStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical","code":"active"}]},"verificationStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/allergyintolerance-verification","code":"confirmed"}]},"type":"allergy","category":["«=pick:food|medication|environment»"],"criticality":"«pick:low|high|unable-to-assess»","code":«=coding:3»,"patient":{"reference":"Patient/«patient»"},"recordedDate":"«date»","reaction":[{"manifestation":[{"text":"«words:4»"}],"severity":"«pick:mild|moderate|severe»"}],"note":[{"text":"«words:16»"}]}
        """#)

    /// The template of each of a patient's resources: one patient, 49 of the rest, in ten categories or so.
    static let ofPatient: [Template] =
        [patient] + Array(repeating: laboratory, count: 14) + Array(repeating: vitalSigns, count: 8)
        + Array(repeating: condition, count: 6) + Array(repeating: medication, count: 7)
        + Array(repeating: encounter, count: 5) + Array(repeating: procedure, count: 3)
        + Array(repeating: immunisation, count: 3) + Array(repeating: report, count: 2)
        + Array(repeating: allergy, count: 1)
}
