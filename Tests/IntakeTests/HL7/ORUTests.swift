import CareRecord
import Foundation
import Intake
import Testing
import Wire

/// Results as a clinician reads them.
@Suite struct ORUTests {
    typealias F = HL7Fixture

    static func oru(_ segments: [String], id: String = "L1", at: String = "20180202100000") -> [UInt8] {
        F.message("ORU^R01", id: id, at: at, [F.pid()] + segments)
    }

    static let fbc = F.segment(
        "OBR",
        [
            1: "1", 3: "77^LAB", 4: "FBC^Full blood count^RBDLAB", 7: "201802020800", 22: "201802020930",
            24: "HM", 25: "F",
        ])

    static func obx(
        _ type: String, _ code: String, _ value: String, _ status: String, _ more: [Int: String] = [:]
    )
        -> String
    {
        F.segment("OBX", [2: type, 3: code, 5: value, 11: status].merging(more) { $1 })
    }

    @Test func aFullBloodCountIsAReportAndItsResults() throws {
        let draft = try F.draft(
            Self.oru([
                Self.fbc,
                Self.obx("NM", "HB^Haemoglobin^RBDLAB", "98", "F", [6: "g/L", 7: "115-165", 8: "L"]),
                Self.obx("NM", "WBC^White cells^RBDLAB", ">20.50", "P", [6: "10*9/L^^UCUM", 8: "H"]),
                "NTE|1||Repeat advised.",
            ]))
        #expect(
            draft.items.map(\.meta.type) == ["Patient", "Observation", "Observation", "DiagnosticReport"])
        #expect(draft.items.dropFirst().allSatisfy { $0.meta.category == .bloodTests })
        let results = try draft.contents("Observation")
        #expect(results[0].contains(#""status":"final""#))
        #expect(
            results[0].contains(
                #""code":{"coding":[{"system":"urn:id:RBDLAB","code":"HB","display":"Haemoglobin"}],"text":"Haemoglobin"}"#
            ))
        #expect(results[0].contains(#""valueQuantity":{"value":98,"unit":"g/L"}"#))
        #expect(results[0].contains(#""referenceRange":[{"text":"115-165"}]"#))
        #expect(results[0].contains(#""code":"L"}],"text":"Low"}"#))
        #expect(results[0].contains(#""effectiveDateTime":"2018-02-02T08:00:00+00:00""#))
        #expect(results[1].contains(#""status":"preliminary""#))
        #expect(
            results[1].contains(
                #""valueQuantity":{"value":20.50,"comparator":">","unit":"10*9/L","system":"http://unitsofmeasure.org","code":"10*9/L"}"#
            ))
        #expect(results[1].contains(#""note":[{"text":"Repeat advised."}]"#))
        let report = try draft.content("DiagnosticReport")
        #expect(
            report.contains(#""status":"final""#) && report.contains(#""issued":"2018-02-02T09:30:00+00:00""#)
        )
        for item in draft.items where item.meta.type == "Observation" {
            #expect(report.contains(#"{"reference":"\#(item.meta.reference)"}"#))
        }
        #expect(draft.events.isEmpty)
    }

    @Test func aCorrectionIsANewVersionOfTheSameResult() throws {
        let first = try F.draft(Self.oru([Self.fbc, Self.obx("NM", "HB^Haemoglobin^RBDLAB", "98", "F")]))
        let second = try F.draft(
            Self.oru(
                [Self.fbc, Self.obx("NM", "HB^Haemoglobin^RBDLAB", "89", "C")], id: "L2", at: "20180202120000"
            ))
        #expect(try first.meta("Observation").reference == second.meta("Observation").reference)
        #expect(try first.meta("DiagnosticReport").reference == second.meta("DiagnosticReport").reference)
        #expect(try second.meta("Observation").status == "corrected")
        #expect(try second.meta("Observation").asserted! > first.meta("Observation").asserted!)
    }

    @Test func aCancelledResultHasNoValueAndOneInErrorIsATombstone() throws {
        let draft = try F.draft(
            Self.oru([
                Self.fbc, Self.obx("NM", "A^a^L", "1", "X", [7: "0-2", 8: "H"]),
                Self.obx("NM", "B^b^L", "2", "D"),
                Self.obx("NM", "C^c^L", "3", "W"),
            ]))
        let metas = draft.items.map(\.meta).filter { $0.type == "Observation" }
        #expect(metas.map(\.status) == ["cancelled", "entered-in-error", "entered-in-error"])
        #expect(metas.map(\.operation) == [.upsert, .enteredInError, .enteredInError])
        let cancelled = try draft.contents("Observation")[0]
        #expect(!cancelled.contains("valueQuantity") && !cancelled.contains("referenceRange"))
        #expect(!cancelled.contains("interpretation"))
    }

    @Test(arguments: [
        (["P", "P"], "preliminary"), (["P", "F"], "partial"), (["F", "F"], "final"),
        (["F", "C"], "corrected"),
        (["X", "X"], "cancelled"), (["D", "W"], "entered-in-error"), (["D", "F"], "final"),
        (["R", "S"], "preliminary"),
        (["U", "F"], "final"), (["I"], "registered"), ([], "unknown"),
    ]) func aMissingReportStatusIsDerivedFromTheResults(_ statuses: [String], _ expected: String) throws {
        let obr = F.segment("OBR", [3: "77", 4: "FBC^Full blood count^L"])
        let results = statuses.enumerated().map { Self.obx("NM", "T\($0)^t^L", "1", $1) }
        #expect(try F.draft(Self.oru([obr] + results)).meta("DiagnosticReport").status == expected)
    }

    @Test func aRadiologistsWordsAreTheReport() throws {
        let obr = F.segment(
            "OBR", [3: "XR9^RIS", 4: "CXR^Chest X-ray^RBDRIS", 7: "201802020800", 24: "RAD", 25: "F"])
        let draft = try F.draft(
            Self.oru([
                obr, Self.obx("TX", "CXR^Chest X-ray^RBDRIS", "The heart is \\T\\ looks normal.", "F"),
                Self.obx("TX", "CXR^Chest X-ray^RBDRIS", "", "F"),
                Self.obx("TX", "CXR^Chest X-ray^RBDRIS", "No effusion.\\.br\\Conclusion: normal.", "F"),
            ]))
        #expect(draft.items.map(\.meta.type) == ["Patient", "DiagnosticReport"])
        #expect(try draft.meta("DiagnosticReport").category == .imaging)
        #expect(
            try draft.content("DiagnosticReport").contains(
                #""conclusion":"The heart is & looks normal.\nNo effusion.\nConclusion: normal.""#))
    }

    @Test func aDocumentInALaboratoryReportIsADocumentAndInAnImagingReportItsForm() throws {
        let ed = Self.obx("ED", "RPT^Histology report^L", "^application^PDF^Base64^SGVsbG8=", "F")
        let lab = try F.draft(Self.oru([Self.fbc, ed]))
        #expect(lab.items.map(\.meta.type) == ["Patient", "DocumentReference", "DiagnosticReport"])
        #expect(try lab.meta("DocumentReference").category == .documents)
        #expect(
            try lab.content("DocumentReference").contains(
                #""content":[{"attachment":{"contentType":"application/pdf","data":"SGVsbG8=","title":"Histology report"}}]"#
            ))
        let imaging = try F.draft(
            Self.oru([F.segment("OBR", [3: "X1", 4: "CT^CT head^L", 24: "CT", 25: "F"]), ed]))
        #expect(
            try imaging.content("DiagnosticReport").contains(
                #""presentedForm":[{"contentType":"application/pdf","data":"SGVsbG8=","title":"Histology report"}]"#
            ))
        #expect(imaging.items.map(\.meta.category) == [.demographics, .imaging])
    }

    @Test func aDocumentThatIsNotWhatItSaysIsRefusedAtItsField() throws {
        let reject = try F.reject(
            Self.oru([Self.fbc, Self.obx("ED", "R^r^L", "^application^PDF^Base64^S%%b", "F")]))
        #expect(reject.code == .invalidValue && reject.path == "OBX-5")
        let hex = try F.draft(
            Self.oru([Self.fbc, Self.obx("ED", "R^r^L", "^text^plain^Hex^48656C6C6F", "F")]))
        #expect(try hex.content("DocumentReference").contains(#""data":"SGVsbG8=""#))
        let plain = try F.draft(Self.oru([Self.fbc, Self.obx("ED", "R^r^L", "^text^plain^A^Hello", "F")]))
        #expect(try plain.content("DocumentReference").contains(#""data":"SGVsbG8=""#))
    }

    @Test(arguments: [
        ("NM", "-0.50", #""valueQuantity":{"value":-0.50}"#), ("NM", "+05", #""valueQuantity":{"value":5}"#),
        ("NM", ".5", #""valueQuantity":{"value":0.5}"#),
        ("NM", "<=3", #""valueQuantity":{"value":3,"comparator":"<="}"#),
        ("NM", "12 (H)", #""valueString":"12 (H)""#), ("NM", "1e9", #""valueString":"1e9""#),
        ("SN", ">^100", #""valueQuantity":{"value":100,"comparator":">"}"#),
        ("SN", "^1^-^2", #""valueRange":{"low":{"value":1},"high":{"value":2}}"#),
        ("SN", "^1^:^128", #""valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}"#),
        ("SN", "^2^+", #""valueString":"2+""#), ("SN", "<>^7", #""valueString":"<>7""#),
        (
            "CE", "260385009^Negative^SCT",
            #""valueCodeableConcept":{"coding":[{"system":"http://snomed.info/sct","code":"260385009","display":"Negative"}],"text":"Negative"}"#
        ),
        ("ST", "Growth of \\T\\ E. coli", #""valueString":"Growth of & E. coli""#),
        ("DT", "20180202", #""valueDateTime":"2018-02-02""#), ("TM", "0930", #""valueTime":"09:30:00""#),
        ("TS", "20180702093000", #""valueDateTime":"2018-07-02T09:30:00+01:00""#),
        ("NA", "1^2^3", #""valueString":"1 2 3""#), ("", "free", #""valueString":"free""#),
    ]) func valuesComeOutAsSent(_ type: String, _ sent: String, _ expected: String) throws {
        let draft = try F.draft(Self.oru([Self.fbc, Self.obx(type, "T^t^L", sent, "F")]))
        #expect(try draft.content("Observation").contains(expected))
    }

    /// A code that no system is named for is the unit, and no label beside it hides it.
    @Test(arguments: [
        ("mmHg^Unit", #""unit":"mmHg"}"#), ("mmHg", #""unit":"mmHg"}"#), ("^mmHg", #""unit":"mmHg"}"#),
        ("10*9/L^Unit^", #""unit":"10*9/L"}"#), ("1^ratio", #""unit":"ratio"}"#), ("7", #""unit":"7"}"#),
        (
            "mm[Hg]^mmHg^UCUM",
            #""unit":"mmHg","system":"http://unitsofmeasure.org","code":"mm[Hg]"}"#
        ),
        (
            "266016^MDC_DIM_MMHG^MDC",
            #""unit":"MDC_DIM_MMHG","system":"urn:iso:std:iso:11073:10101","code":"266016"}"#
        ),
        ("266016^millimetres of mercury^HERE", #""unit":"millimetres of mercury""#),
    ]) func aUnitIsTheOneThatWasMeasuredIn(_ unit: String, _ expected: String) throws {
        for (type, value) in [("NM", "80"), ("SN", ">^80")] {
            let draft = try F.draft(Self.oru([Self.fbc, "OBX|1|\(type)|T^t^L||\(value)|\(unit)|||||F"]))
            let content = try draft.content("Observation")
            #expect(content.contains(expected), "\(content)")
        }
    }

    @Test func severalValuesOfOneResultAreItsComponents() throws {
        let content = try F.draft(Self.oru([Self.fbc, Self.obx("NM", "T^t^L", "1~2", "F")])).content(
            "Observation")
        #expect(
            content.contains(#""component":[{"code":"#) && content.contains(#""valueQuantity":{"value":2}"#))
    }

    @Test(arguments: [
        ("SPM|1|||BLD^Blood^HL70487", Category.bloodTests), ("SPM|1|||UR^Urine^HL70487", .pathology),
        ("SPM|1|||67922002^serum^SCT", .bloodTests), ("", .bloodTests),
    ]) func theSpecimenDecidesTheCategory(_ spm: String, _ expected: Category) throws {
        let obr = F.segment("OBR", [3: "77", 4: "T^Test^L", 25: "F"])
        let draft = try F.draft(
            Self.oru([obr, Self.obx("NM", "T^t^L", "1", "F"), spm].filter { !$0.isEmpty }))
        #expect(try draft.meta("Observation").category == expected)
        #expect(try draft.meta("DiagnosticReport").category == expected)
        if !spm.isEmpty { #expect(try draft.meta("Specimen").category == .cited) }
    }

    @Test func twoReportsUnderOneNumberAreTwoAndTheSameTwiceIsToldApart() throws {
        let urine = F.segment("OBR", [3: "77^LAB", 4: "U^Urine^L", 25: "F"])
        let draft = try F.draft(
            Self.oru([
                Self.fbc, Self.obx("NM", "A^a^L", "1", "F"), urine, Self.obx("NM", "A^a^L", "2", "F"), urine,
                Self.obx("NM", "A^a^L", "3", "F"),
            ]))
        #expect(Set(draft.items.map(\.meta.reference)).count == draft.items.count)
    }

    @Test func aResultWithoutAnOrderIsRefused() throws {
        let reject = try F.reject(Self.oru([Self.obx("NM", "A^a^L", "1", "F")]))
        #expect(reject.code == .missingSegment && reject.path == "OBX")
    }

    @Test func whatRefersToAVisitRefersToTheOneOfTheADTFeed() throws {
        let draft = try F.draft(
            F.message("ORU^R01", [F.pid(), F.pv1(), Self.fbc, Self.obx("NM", "A^a^L", "1", "F")]))
        let admission = try F.draft(F.adt("A01"))
        #expect(
            try draft.content("Observation").contains(
                #""encounter":{"reference":"\#(admission.meta("Encounter").reference)"}"#))
        #expect(!draft.items.contains { $0.meta.type == "Encounter" })
    }
}
