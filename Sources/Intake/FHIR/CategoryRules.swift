import CareRecord

/// DOMAIN's table: which category a resource is of. Types not named here are `other`.
enum CategoryRules {
    static let byType: [[UInt8]: Category] = {
        let named: [String: Category] = [
            "Patient": .demographics, "RelatedPerson": .nextOfKin, "Condition": .diagnoses,
            "MedicationStatement": .medications, "MedicationRequest": .medications,
            "AllergyIntolerance": .allergies, "Flag": .alerts, "ImagingStudy": .imaging,
            "Encounter": .encounters, "Appointment": .appointments, "DocumentReference": .documents,
            "Binary": .documents, "Procedure": .procedures, "Immunization": .immunisations,
            "Consent": .carePreferences, "QuestionnaireResponse": .carePreferences,
            "Practitioner": .cited, "Organization": .cited, "Location": .cited, "Specimen": .cited,
            "Provenance": .cited,
        ]
        return Dictionary(uniqueKeysWithValues: named.map { (Array($0.key.utf8), $0.value) })
    }()

    /// HL7 v2 table 0074, diagnostic service sections: radiology, and the sections that make images.
    private static let imagingSections: Set<String> = [
        "RAD", "RX", "CT", "MRI", "NMR", "NMS", "US", "CUS", "RUS", "OUS", "VUS", "XRC", "IMG",
    ]

    /// Observation category `laboratory`.
    static func isLaboratory(_ coding: Coding) -> Bool { coding.code == "laboratory" }

    /// Observation category `imaging`, a section of table 0074, or LOINC's class of radiology reports.
    static func isImaging(_ coding: Coding) -> Bool {
        if coding.code == "imaging" { return true }
        if coding.system == "http://loinc.org" { return coding.code == "LP29684-5" }
        return imagingSections.contains(coding.code)
            && (coding.system.isEmpty || coding.system.hasSuffix("v2-0074")
                || coding.system.hasSuffix("v2/0074"))
    }

    /// OBR-24.
    static func isImagingSection(_ section: String) -> Bool { imagingSections.contains(section) }

    /// Specimen types that are blood or what is drawn as blood: HL7 v2 table 0487, SNOMED CT.
    private static let blood: Set<String> = [
        "BLD", "BLDA", "BLDC", "BLDCO", "BLDV", "WB", "SER", "SERPLAS", "PLAS", "PLB", "PPP", "PRP", "RBC",
        "WBC",
        "BLDCAP", "119297000", "119364003", "119361006", "122555007", "122552005", "122554006", "258580003",
        "119298005", "445295009", "119294007", "119300005", "122560006", "258441009", "708049000",
        "119353000",
    ]

    /// Whether a specimen of that type is blood. Without a known code, its words decide.
    static func isBlood(_ codings: [Coding], text: String?) -> Bool {
        if codings.contains(where: { blood.contains($0.code) }) { return true }
        let words = (text ?? "").lowercased()
        return ["blood", "serum", "plasma"].contains { words.contains($0) }
    }
}
