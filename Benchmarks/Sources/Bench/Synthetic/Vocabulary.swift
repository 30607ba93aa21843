/// The codes and words that fill the synthetic resources: few enough to repeat as real ones do, too many to be one.
enum Vocabulary {
    /// Codings as JSON objects, by set: 0 laboratory, 1 vital signs, 2 problems, 3 medicines, 4 procedures, 5 vaccines.
    static let codings: [[[UInt8]]] = [
        loinc([
            ("718-7", "Hemoglobin [Mass/volume] in Blood"),
            ("2345-7", "Glucose [Mass/volume] in Serum or Plasma"),
            ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma"),
            ("2951-2", "Sodium [Moles/volume] in Serum"),
            ("2823-3", "Potassium [Moles/volume] in Serum or Plasma"),
            ("6690-2", "Leukocytes [#/volume] in Blood"),
            ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood"),
            ("2093-3", "Cholesterol [Mass/volume] in Serum"),
            ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume]"),
            ("777-3", "Platelets [#/volume] in Blood"),
            ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma"),
            ("1988-5", "C reactive protein [Mass/volume]"),
        ]),
        loinc([
            ("8302-2", "Body Height"), ("29463-7", "Body Weight"), ("39156-5", "Body Mass Index"),
            ("8310-5", "Body temperature"), ("8867-4", "Heart rate"), ("9279-1", "Respiratory rate"),
            ("8480-6", "Systolic Blood Pressure"), ("59408-5", "Oxygen saturation in Arterial blood"),
        ]),
        snomed([
            ("38341003", "Hypertensive disorder"), ("44054006", "Diabetes mellitus type 2"),
            ("195967001", "Asthma"),
            ("13645005", "Chronic obstructive lung disease"), ("49436004", "Atrial fibrillation"),
            ("84114007", "Heart failure"), ("35489007", "Depressive disorder"),
            ("709044004", "Chronic kidney disease"),
            ("396275006", "Osteoarthritis"), ("414916001", "Obesity"), ("10509002", "Acute bronchitis"),
        ]),
        snomed([
            ("318956006", "Losartan 50mg tablets"), ("319740004", "Simvastatin 40mg tablets"),
            ("325072002", "Metformin 500mg tablets"), ("320151000", "Salbutamol 100micrograms inhaler"),
            ("327032007", "Amoxicillin 500mg capsules"), ("322280009", "Paracetamol 500mg tablets"),
            ("321987003", "Sertraline 50mg tablets"), ("376988009", "Levothyroxine 50microgram tablets"),
        ]),
        snomed([
            ("430193006", "Medication reconciliation"), ("73761001", "Colonoscopy"),
            ("80146002", "Appendectomy"),
            ("168731009", "Standard chest X-ray"), ("29303009", "Electrocardiographic procedure"),
            ("71388002", "Procedure"), ("265764009", "Renal dialysis"),
        ]),
        snomed([
            ("86198006", "Administration of vaccine product against influenza virus"),
            ("840534001", "Administration of vaccine product against SARS-CoV-2"),
            ("333598008", "Pneumococcal vaccination"), ("127785005", "Administration of tetanus vaccine"),
        ]),
    ]

    /// Words of free text.
    static let words: [[UInt8]] =
        """
        patient reports mild intermittent pain improved since last review no fever advised to continue current treatment
        plan and return if symptoms worsen blood pressure remains above target discussed diet exercise smoking cessation
        referred physiotherapy awaiting results repeat in three months stable on medication denies side effects sleeping
        better appetite normal weight unchanged oedema left ankle chest clear abdomen soft family present understands
        agreed carer informed safety net given urgent same day clinic telephone follow up letter sent consultant ward
        """
        .split(whereSeparator: \.isWhitespace).map { Array($0.utf8) }

    private static func loinc(_ codes: [(String, String)]) -> [[UInt8]] { coding("http://loinc.org", codes) }

    private static func snomed(_ codes: [(String, String)]) -> [[UInt8]] {
        coding("http://snomed.info/sct", codes)
    }

    private static func coding(_ system: String, _ codes: [(String, String)]) -> [[UInt8]] {
        codes.map { code, display in
            Array(
                "{\"coding\":[{\"system\":\"\(system)\",\"code\":\"\(code)\",\"display\":\"\(display)\"}],\"text\":\"\(display)\"}"
                    .utf8)
        }
    }
}
