/// What people have, take and are tested for.
enum Vocabulary {
    struct Problem: Sendable {
        var snomed: String
        var icd: String
        var name: String
        /// What is prescribed for it: a SNOMED CT code and words.
        var medicine: (code: String, text: String, dose: String)?
    }

    /// The order is kept: a patient's problems are bits of a word.
    static let problems: [Problem] = [
        Problem(
            snomed: "38341003", icd: "I10", name: "Hypertension",
            medicine: ("386873009", "Ramipril 5mg capsules", "One to be taken each morning")),
        Problem(
            snomed: "44054006", icd: "E11.9", name: "Type 2 diabetes",
            medicine: ("325072002", "Metformin 500mg tablets", "One to be taken twice a day")),
        Problem(
            snomed: "195967001", icd: "J45.9", name: "Asthma",
            medicine: ("320151000", "Salbutamol 100micrograms inhaler", "Two puffs when required")),
        Problem(
            snomed: "84114007", icd: "I50.9", name: "Heart failure",
            medicine: ("318034005", "Furosemide 40mg tablets", "One to be taken each morning")),
        Problem(
            snomed: "49436004", icd: "I48", name: "Atrial fibrillation",
            medicine: ("703907006", "Apixaban 5mg tablets", "One to be taken twice a day")),
        Problem(
            snomed: "13645005", icd: "J44.9", name: "Chronic obstructive pulmonary disease",
            medicine: (
                "407754002", "Tiotropium 18micrograms inhalation", "One capsule to be inhaled each day"
            )),
        Problem(
            snomed: "396275006", icd: "M19.9", name: "Osteoarthritis",
            medicine: ("322236009", "Paracetamol 500mg tablets", "Two up to four times a day")),
        Problem(
            snomed: "40930008", icd: "E03.9", name: "Hypothyroidism",
            medicine: ("376988009", "Levothyroxine 50microgram tablets", "One to be taken each morning")),
        Problem(snomed: "709044004", icd: "N18.9", name: "Chronic kidney disease", medicine: nil),
        Problem(snomed: "52448006", icd: "F03", name: "Dementia", medicine: nil),
        // A label covers this one, and an exclusion set the next.
        Problem(
            snomed: "35489007", icd: "F32.9", name: "Depression",
            medicine: ("321987003", "Sertraline 50mg tablets", "One to be taken each morning")),
        Problem(
            snomed: "86406008", icd: "B20", name: "Human immunodeficiency virus infection", medicine: nil),
    ]
    /// The problems that anyone may come by.
    static let everyday = 10
    static let labelled = 10
    static let excluded = 11

    static let allergies = [
        ("91936005", "Allergy to penicillin", "Urticaria"), ("91935009", "Allergy to peanuts", "Angioedema"),
        ("300916003", "Latex allergy", "Contact dermatitis"), ("293586001", "Aspirin allergy", "Wheeze"),
    ]
    static let vaccines = [
        ("86198006", "Influenza vaccine"), ("333598008", "Pneumococcal vaccine"),
        ("840534001", "COVID-19 vaccine"),
    ]

    /// Why people come to the emergency department: ICD-10.
    static let emergencies = [
        ("R07.4", "Chest pain"), ("S52.5", "Fracture of the lower end of radius"), ("J18.9", "Pneumonia"),
        ("R55", "Syncope and collapse"), ("N39.0", "Urinary tract infection"), ("A41.9", "Sepsis"),
        ("I21.9", "Acute myocardial infarction"), ("K35.8", "Acute appendicitis"),
    ]

    struct Analyte: Sendable {
        var loinc: String
        var name: String
        var unit: String
        /// In tenths.
        var low: Int
        var high: Int
    }

    static let panels: [(code: String, name: String, analytes: [Analyte])] = [
        (
            "24320-4", "Urea and electrolytes",
            [
                Analyte(loinc: "2951-2", name: "Sodium", unit: "mmol/L", low: 1330, high: 1460),
                Analyte(loinc: "2823-3", name: "Potassium", unit: "mmol/L", low: 35, high: 53),
                Analyte(loinc: "2160-0", name: "Creatinine", unit: "umol/L", low: 450, high: 1040),
            ]
        ),
        (
            "58410-2", "Full blood count",
            [
                Analyte(loinc: "718-7", name: "Haemoglobin", unit: "g/L", low: 1150, high: 1650),
                Analyte(loinc: "6690-2", name: "White cell count", unit: "10*9/L", low: 40, high: 110),
                Analyte(loinc: "777-3", name: "Platelets", unit: "10*9/L", low: 1500, high: 4000),
            ]
        ),
        (
            "55454-3", "Haemoglobin A1c",
            [Analyte(loinc: "59261-8", name: "Haemoglobin A1c", unit: "mmol/mol", low: 200, high: 480)]
        ),
    ]
}
