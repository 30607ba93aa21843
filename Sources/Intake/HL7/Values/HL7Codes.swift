import HL7
import Wire

/// Code systems and tables: what HL7 v2 calls them, and what FHIR does (HL7's v2-to-FHIR mapping).
enum HL7Codes {
    /// HL7 v2 table 0396 and the names that UK feeds use.
    private static let systems: [String: String] = [
        "LN": "http://loinc.org", "LOINC": "http://loinc.org", "SCT": "http://snomed.info/sct",
        "SNM": "http://snomed.info/sct", "SNOMED-CT": "http://snomed.info/sct",
        "SNOMED": "http://snomed.info/sct",
        "SNOMEDCT": "http://snomed.info/sct", "UCUM": ucum, "MDC": "urn:iso:std:iso:11073:10101",
        "I10": "http://hl7.org/fhir/sid/icd-10", "ICD10": "http://hl7.org/fhir/sid/icd-10",
        "ICD-10": "http://hl7.org/fhir/sid/icd-10", "I9C": "http://hl7.org/fhir/sid/icd-9-cm",
        "OPCS4": "https://fhir.hl7.org.uk/CodeSystem/OPCS-4",
        "OPCS": "https://fhir.hl7.org.uk/CodeSystem/OPCS-4",
        "READ": "http://read.info/readv2", "RC2": "http://read.info/readv2", "CTV3": "http://read.info/ctv3",
        "DMD": "https://dmd.nhs.uk", "RXNORM": "http://www.nlm.nih.gov/research/umls/rxnorm",
    ]

    static let ucum = "http://unitsofmeasure.org"

    /// The URI of a coding system as a message names it; nil where it names none. One that is the source's own is `urn:id:NAME`.
    static func system(_ name: String) -> String? {
        let name = name.trimmed
        if name.isEmpty { return nil }
        let upper = name.uppercased()
        if let known = systems[upper] { return known }
        if upper.hasPrefix("HL7"), upper.utf8.count == 7, let number = Int(upper.dropFirst(3)) {
            return table(number)
        }
        if name.hasPrefix("http://") || name.hasPrefix("https://") || name.hasPrefix("urn:") {
            return uri(name)
        }
        if name.isObjectIdentifier { return "urn:oid:\(name)" }
        return named(name)
    }

    /// A table of HL7 v2.
    static func table(_ number: Int) -> String {
        "http://terminology.hl7.org/CodeSystem/v2-" + HL7Moment.padded(number, 4)
    }

    static func v3(_ name: String) -> String { "http://terminology.hl7.org/CodeSystem/v3-\(name)" }

    /// A name of the source's own as a URI.
    static func named(_ name: String) -> String {
        var out = Array("urn:id:".utf8)
        out.reserveCapacity(out.count + name.utf8.count)
        for byte in name.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x3A: out.append(byte)
            default: out += "%\(Hex.encode([byte]).uppercased())".utf8
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// FHIR's uri has no white space.
    private static func uri(_ text: String) -> String? { text.utf8.contains { $0 <= 0x20 } ? nil : text }

    /// Table 0001, and the NHS Data Dictionary's PERSON STATED GENDER CODE, to FHIR's administrative gender.
    static func gender(_ code: String) -> String? {
        switch code.uppercased() {
        case "M", "1": "male"
        case "F", "2": "female"
        // 9: not specified, that is indeterminate. A: ambiguous, N: not applicable.
        case "O", "9", "A", "N", "X": "other"
        case "U", "0": "unknown"
        default: nil
        }
    }

    /// Table 0004 to the class of an encounter.
    static func encounterClass(_ code: String) -> FHIRObject {
        let known: (String, String)? =
            switch code.uppercased() {
            case "E": ("EMER", "emergency")
            case "I", "B": ("IMP", "inpatient encounter")
            case "O", "R": ("AMB", "ambulatory")
            case "P": ("PRENC", "pre-admission")
            default: nil
            }
        if let (code, display) = known { return .coding(v3("ActCode"), code, display: display) }
        if code.isEmpty || code.uppercased() == "U" {
            return .coding(v3("NullFlavor"), "UNK", display: "unknown")
        }
        return .coding(table(4), code)
    }

    /// Table 0085: OBX-11.
    static func observationStatus(_ code: String) -> String? {
        switch code.uppercased() {
        case "P", "R", "S": "preliminary"
        case "F", "U", "V": "final"
        case "C": "corrected"
        case "A", "B": "amended"
        case "X": "cancelled"
        case "D", "W": "entered-in-error"
        case "I", "O": "registered"
        case "": nil
        default: "unknown"
        }
    }

    /// Table 0123: OBR-25.
    static func reportStatus(_ code: String) -> String? {
        switch code.uppercased() {
        case "O", "I", "S": "registered"
        case "A": "partial"
        case "P", "R": "preliminary"
        case "F": "final"
        case "C": "corrected"
        case "M": "amended"
        case "X": "cancelled"
        case "": nil
        default: "unknown"
        }
    }

    /// Table 0127, 0128: AL1-2 and AL1-4.
    static func allergyCategory(_ code: String) -> String? {
        switch code.uppercased() {
        case "DA": "medication"
        case "FA": "food"
        case "EA", "LA", "PA", "MA", "AA": "environment"
        default: nil
        }
    }

    static func criticality(_ code: String) -> String? {
        switch code.uppercased() {
        case "SV": "high"
        case "MO", "MI": "low"
        case "U": "unable-to-assess"
        default: nil
        }
    }

    /// Table 0200 to the use of a name.
    static func nameUse(_ code: String) -> String? {
        switch code.uppercased() {
        case "L", "D": code.uppercased() == "L" ? "official" : "usual"
        case "M", "B": code.uppercased() == "M" ? "maiden" : "old"
        case "N": "nickname"
        case "S": "anonymous"
        case "T": "temp"
        case "A": "nickname"
        case "U", "": nil
        default: nil
        }
    }

    /// Table 0190 to the use of an address.
    static func addressUse(_ code: String) -> String? {
        switch code.uppercased() {
        case "H", "P", "L": "home"
        case "B", "O": "work"
        case "C", "TM": "temp"
        case "BA": "old"
        default: nil
        }
    }
}

extension String {
    /// Without white space on either side.
    var trimmed: String {
        guard let first = utf8.first, let last = utf8.last, first <= 0x20 || last <= 0x20 else { return self }
        var bytes = Array(utf8)[...]
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        while let first = bytes.first, first <= 0x20 { bytes.removeFirst() }
        return String(decoding: bytes, as: UTF8.self)
    }

    var isObjectIdentifier: Bool {
        guard let first = utf8.first, (0x30...0x39).contains(first) else { return false }
        let parts = split(separator: ".", omittingEmptySubsequences: false)
        return parts.count > 2
            && parts.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }

    /// A FHIR code: no white space but single blanks inside.
    var isFHIRCode: Bool {
        if utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return !isEmpty }
        return !isEmpty
            && split(separator: " ", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { $0 > 0x20 }
            }
    }
}

extension HL7Value {
    /// The value as text, blanks on either side dropped; nil where there is none.
    var words: String? {
        if let plain { return plain.isEmpty ? nil : plain }
        let text = string.trimmed
        return text.isEmpty ? nil : text
    }
}
