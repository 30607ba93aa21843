"""Words for the synthetic resources: public code systems, common clinical terms, invented people and places."""

SCT = "http://snomed.info/sct"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
DMD = "https://dmd.nhs.uk"
THO = "http://terminology.hl7.org/CodeSystem/"
V2 = THO + "v2-"
UKCORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
NHS = "https://fhir.nhs.uk/Id/"
UKCS = "https://fhir.hl7.org.uk/CodeSystem/UKCore-"

FAMILIES = """Smith Jones Taylor Brown Williams Wilson Johnson Davies Patel Robinson Wright Thompson Evans Walker White
Roberts Green Hall Wood Jackson Clarke Khan Lewis Begum Hughes Edwards Hill Moore Martin Ahmed Ward Morris Kaur Bennett
Shah Okafor Nowak Murphy Kelly Price""".split()
GIVENS = """Olivia Amelia Isla Ava Mia Grace Lily Freya Emily Sophie Margaret Susan Patricia Fatima Aisha Noah George
Oliver Arthur Muhammad Leo Harry Oscar Jack Henry David John Peter Michael Rajesh Kwame Piotr Dorothy Jean""".split()
STREETS = (
    "High Street,Station Road,Church Lane,Mill Lane,Victoria Road,Green Lane,Park Avenue,The Crescent".split(
        ","
    )
)
TOWNS = "Northwick,Eastbourne Vale,Ashford Mere,Kingsbridge,Oldcastle,Westhaven,Marlow Cross,Saltburn".split(
    ","
)
ORGS = [
    ("Y99001", "Northwick Surgery"),
    ("RX901", "Westhaven General Hospital"),
    ("RY902", "Oldcastle Community Health"),
    ("E99003", "Kingsbridge Borough Council"),
    ("Y99014", "Mill Lane Medical Centre"),
    ("RX955", "Saltburn Infirmary"),
]

CONDITIONS = [
    ("38341003", "Hypertensive disorder, systemic arterial"),
    ("44054006", "Diabetes mellitus type 2"),
    ("195967001", "Asthma"),
    ("13645005", "Chronic obstructive lung disease"),
    ("49436004", "Atrial fibrillation"),
    ("84114007", "Heart failure"),
    ("709044004", "Chronic kidney disease"),
    ("35489007", "Depressive disorder"),
    ("197480006", "Anxiety disorder"),
    ("396275006", "Osteoarthritis"),
    ("69896004", "Rheumatoid arthritis"),
    ("40930008", "Hypothyroidism"),
    ("55822004", "Hyperlipidemia"),
    ("230690007", "Cerebrovascular accident"),
    ("22298006", "Myocardial infarction"),
    ("53741008", "Coronary arteriosclerosis"),
    ("52448006", "Dementia"),
    ("414916001", "Obesity"),
    ("68566005", "Urinary tract infectious disease"),
    ("195662009", "Acute viral pharyngitis"),
    ("10509002", "Acute bronchitis (disorder)"),
    ("444814009", "Viral sinusitis (disorder)"),
    ("271737000", "Anemia (disorder)"),
    ("162864005", "Body mass index 30+ - obesity (finding)"),
    ("72892002", "Normal pregnancy"),
    ("84757009", "Epilepsy"),
]
MEDICINES = [
    ("39732311000001104", "Amlodipine 5mg tablets"),
    ("39695211000001102", "Atorvastatin 20mg tablets"),
    ("42104811000001109", "Ramipril 5mg capsules"),
    ("39113611000001102", "Salbutamol 100micrograms/dose inhaler CFC free"),
    ("42107911000001104", "Metformin 500mg tablets"),
    ("39720311000001101", "Paracetamol 500mg tablets"),
    ("41949411000001108", "Amoxicillin 500mg capsules"),
    ("42206611000001108", "Omeprazole 20mg gastro-resistant capsules"),
    ("42382711000001104", "Sertraline 50mg tablets"),
    ("42010711000001108", "Levothyroxine sodium 50microgram tablets"),
    ("42297411000001103", "Simvastatin 40mg tablets"),
    ("39021611000001104", "Bisoprolol 2.5mg tablets"),
    ("42295411000001100", "Apixaban 5mg tablets"),
    ("42217911000001100", "Furosemide 40mg tablets"),
]
ALLERGENS = [
    ("91936005", "Allergy to penicillin"),
    ("294505008", "Allergy to amoxicillin"),
    ("91934008", "Allergy to nut"),
    ("300916003", "Latex allergy"),
    ("293586001", "Allergy to aspirin"),
    ("419474003", "Allergy to mould"),
    ("232350006", "House dust mite allergy"),
    ("417532002", "Allergy to fish"),
    ("91935009", "Allergy to peanut"),
]
PROCEDURES = [
    ("80146002", "Appendectomy"),
    ("174041007", "Laparoscopic emergency appendicectomy"),
    ("73761001", "Colonoscopy"),
    ("415070008", "Percutaneous coronary intervention"),
    ("52734007", "Total replacement of hip"),
    ("609588000", "Total knee replacement"),
    ("430193006", "Medication reconciliation (procedure)"),
    ("710824005", "Assessment of health and social care needs (procedure)"),
    ("171207006", "Depression screening (procedure)"),
    ("428211000124100", "Assessment of substance use (procedure)"),
    ("76601001", "Intramuscular injection"),
]
VACCINES = [
    ("39114911000001105", "COVID-19 mRNA Vaccine"),
    ("348046004", "Influenza vaccine"),
    ("871875004", "Diphtheria, pertussis and tetanus vaccine"),
    ("871831003", "Measles, mumps and rubella vaccine"),
    ("836374004", "Hepatitis B vaccine"),
    ("981000221107", "Pneumococcal vaccine"),
]
# code, display, unit, lowest, highest, decimals
VITALS = [
    ("8302-2", "Body Height", "cm", 140, 195, 1),
    ("29463-7", "Body Weight", "kg", 45, 120, 1),
    ("39156-5", "Body Mass Index", "kg/m2", 18, 40, 2),
    ("8867-4", "Heart rate", "/min", 50, 110, 0),
    ("9279-1", "Respiratory rate", "/min", 12, 22, 0),
    ("8310-5", "Body temperature", "Cel", 36, 39, 1),
    ("2708-6", "Oxygen saturation in Arterial blood", "%", 90, 100, 0),
    ("72514-3", "Pain severity - 0-10 verbal numeric rating [Score] - Reported", "{score}", 0, 10, 0),
]
LABS = [
    ("718-7", "Hemoglobin [Mass/volume] in Blood", "g/dL", 9, 17, 1),
    ("6690-2", "Leukocytes [#/volume] in Blood by Automated count", "10*3/uL", 3, 12, 1),
    ("789-8", "Erythrocytes [#/volume] in Blood by Automated count", "10*6/uL", 3, 6, 2),
    ("777-3", "Platelets [#/volume] in Blood by Automated count", "10*3/uL", 150, 450, 0),
    ("4544-3", "Hematocrit [Volume Fraction] of Blood by Automated count", "%", 35, 52, 1),
    ("787-2", "MCV [Entitic volume] by Automated count", "fL", 75, 102, 1),
    ("4548-4", "Hemoglobin A1c/Hemoglobin.total in Blood", "%", 4, 11, 1),
    ("2339-0", "Glucose [Mass/volume] in Blood", "mg/dL", 65, 240, 0),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", "mg/dL", 0, 3, 2),
    ("3094-0", "Urea nitrogen [Mass/volume] in Serum or Plasma", "mg/dL", 6, 30, 1),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "mmol/L", 3, 6, 1),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", "mmol/L", 130, 148, 0),
    ("2075-0", "Chloride [Moles/volume] in Serum or Plasma", "mmol/L", 95, 110, 0),
    ("17861-6", "Calcium [Mass/volume] in Serum or Plasma", "mg/dL", 8, 11, 1),
    ("33914-3", "Glomerular filtration rate/1.73 sq M.predicted", "mL/min/{1.73_m2}", 15, 110, 0),
    ("2093-3", "Cholesterol [Mass/volume] in Serum or Plasma", "mg/dL", 120, 300, 0),
    ("2571-8", "Triglycerides", "mg/dL", 60, 400, 0),
    ("2085-9", "Cholesterol in HDL [Mass/volume] in Serum or Plasma", "mg/dL", 25, 90, 0),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma", "U/L", 5, 90, 0),
    ("3016-3", "Thyrotropin [Units/volume] in Serum or Plasma", "mIU/L", 0, 9, 2),
]
REPORTS = [
    ("58410-2", "Complete blood count (hemogram) panel - Blood by Automated count"),
    ("51990-0", "Basic metabolic panel - Blood"),
    ("57698-3", "Lipid Panel"),
    ("34117-2", "History and physical note"),
    ("24331-1", "Lipid 1996 panel - Serum or Plasma"),
    ("30746-2", "Portable XR Chest Views"),
]
ENCOUNTERS = [
    ("185349003", "Encounter for check up (procedure)"),
    ("308335008", "Patient encounter procedure"),
    ("185345009", "Encounter for symptom"),
    ("162673000", "General examination of patient (procedure)"),
    ("50849002", "Emergency room admission (procedure)"),
    ("32485007", "Hospital admission (procedure)"),
    ("439740005", "Postoperative follow-up visit (procedure)"),
    ("270427003", "Patient-initiated encounter"),
]
SPECIALTIES = [
    ("100", "General Surgery"),
    ("300", "General Internal Medicine"),
    ("320", "Cardiology"),
    ("430", "Geriatric Medicine"),
    ("110", "Trauma and Orthopaedics"),
    ("420", "Paediatrics"),
    ("700", "Learning Disability"),
    ("710", "Adult Mental Illness"),
]
DOCUMENTS = [
    ("736373009", "End of life care plan"),
    ("823701000000103", "Discharge summary"),
    ("820491000000108", "Outpatient letter"),
    ("1052891000000108", "Assessment report"),
    ("371531000", "Report of clinical encounter"),
    ("325661000000106", "Referral letter"),
]
SENTENCES = [
    "Reviewed in clinic today.",
    "Symptoms are improving.",
    "No known drug allergies.",
    "Continue current medication.",
    "Please arrange follow up in six weeks.",
    "Blood pressure well controlled.",
    "Discussed options with patient and family.",
    "Referred to community nursing.",
    "Lives alone with a package of care.",
    "Patient is a non-smoker.",
    "Chest clear on auscultation.",
    "To take with or after food.",
    "Mobilises independently with a stick.",
    "Awaiting results of blood tests.",
    "Seen at home by the district nurse.",
]
DOSES = [
    ("One tablet to be taken each day", 1, 1, "d"),
    ("Take two 4 times a day when required", 2, 4, "d"),
    ("One to be taken three times a day", 1, 3, "d"),
    ("Two puffs to be inhaled when required", 2, 4, "d"),
    ("One to be taken at night", 1, 1, "d"),
    ("Take one capsule twice daily with food", 1, 2, "d"),
]
