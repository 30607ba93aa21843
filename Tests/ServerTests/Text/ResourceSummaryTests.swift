import Foundation
import Intake
import Testing

@testable import Server

@Suite struct ResourceSummaryTests {
    private func line(_ json: String, category: String = "other") throws -> String {
        ResourceSummary(try JSONDocument(json).root, category: category).line
    }

    @Test func aResultShowsValueUnitRangeAndFlagAsSent() throws {
        let text = try line(
            """
            {"resourceType":"Observation","id":"o","status":"final","code":{"text":"Potassium"},
             "effectiveDateTime":"2018-02-05T12:30:00+00:00","valueQuantity":{"value":6.80,"unit":"mmol/L"},
             "referenceRange":[{"low":{"value":3.5},"high":{"value":5.30}}],
             "interpretation":[{"coding":[{"code":"HH","display":"Critical high"}]}]}
            """)
        #expect(
            text
                == "2018-02-05T12:30:00+00:00  Potassium · 6.80 mmol/L · range 3.5–5.30 · Critical high · final"
        )
    }

    @Test func aMissingUnitSaysSo() throws {
        let text = try line(
            #"{"resourceType":"Observation","code":{"text":"Weight"},"valueQuantity":{"comparator":"<","value":1e2}}"#
        )
        #expect(text == "Weight · <1e2 (no unit sent)")
    }

    @Test func cancelledShowsNoValueAndPreliminaryIsLabelled() throws {
        let body = #""code":{"text":"K"},"valueQuantity":{"value":9.9,"unit":"mmol/L"}}"#
        let cancelled = try line(#"{"resourceType":"Observation","status":"cancelled","# + body)
        #expect(cancelled == "K · CANCELLED")
        let preliminary = try line(#"{"resourceType":"Observation","status":"preliminary","# + body)
        #expect(preliminary == "K · 9.9 mmol/L · PRELIMINARY")
    }

    @Test func componentsAreShownEach() throws {
        let text = try line(
            """
            {"resourceType":"Observation","code":{"text":"Blood pressure"},"component":[
              {"code":{"text":"Systolic"},"valueQuantity":{"value":146,"unit":"mmHg"}},
              {"code":{"text":"Diastolic"},"dataAbsentReason":{"text":"not heard"}}]}
            """)
        #expect(text == "Blood pressure · Systolic 146 mmHg · Diastolic no value: not heard")
    }

    @Test func aPatientIsThreeThingsByCategory() throws {
        let json = """
            {"resourceType":"Patient","name":[{"use":"old","family":"Before"},
               {"use":"official","family":"Hallett","given":["Margaret","Ellen"],"prefix":["Mrs"]}],
             "gender":"female","birthDate":"1946-03-17","generalPractitioner":[{"display":"Lighthouse Lane Surgery"}],
             "contact":[{"name":{"family":"Hallett","given":["Peter"]},"telecom":[{"system":"phone","value":"01632 960982"}]}]}
            """
        #expect(
            try line(json, category: "demographics")
                == "Mrs Margaret Ellen HALLETT · female · born 1946-03-17")
        #expect(try line(json, category: "gp-practice") == "Registered with Lighthouse Lane Surgery")
        #expect(try line(json, category: "next-of-kin") == "Peter HALLETT, phone 01632 960982")
    }

    @Test func anUnknownTypeIsNamed() throws {
        #expect(try line(#"{"resourceType":"Basic","id":"b1"}"#) == "Basic b1")
        #expect(try line(#"{"resourceType":"Device","type":{"text":"Pacemaker"}}"#) == "Device: Pacemaker")
        #expect(try line(#"{"resourceType":7}"#) == "Resource")
        #expect(try line("[]") == "Resource")
    }

    /// A terminal must not obey what a record says.
    @Test func controlCharactersAreNotPrinted() throws {
        let text = try line(#"{"resourceType":"Flag","code":{"text":"a\u001b[2Jb\u202Ec\nd\u0000e"}}"#)
        #expect(text == "Flag: a\u{FFFD}[2Jb\u{FFFD}c d\u{FFFD}e")
        let long = PlainText.line(String(repeating: "x", count: 1000))
        #expect(long.hasSuffix("… (600 characters more)"))
    }

    /// Any resource of any shape has a summary: wrong types are passed over, never trapped on.
    @Test func wrongTypesArePassedOver() throws {
        let values = ["null", "1", "\"s\"", "true", "[]", "[1]", "{}", "[{\"a\":[null]}]", "{\"value\":{}}"]
        let types = [
            "Patient", "RelatedPerson", "Condition", "AllergyIntolerance", "Observation", "DiagnosticReport",
            "MedicationStatement", "Encounter", "Immunization", "DocumentReference", "CarePlan", "Location",
            "X",
        ]
        let names = [
            "code", "name", "status", "class", "type", "component", "reaction", "dosage", "content",
            "contact",
            "generalPractitioner", "address", "telecom", "valueQuantity", "valueRatio", "referenceRange",
            "note",
            "interpretation", "period", "effectivePeriod", "result", "presentedForm", "vaccineCode", "title",
        ]
        for type in types {
            for value in values {
                let members = names.map { "\"\($0)\":\(value)" }.joined(separator: ",")
                for category in ["demographics", "gp-practice", "next-of-kin"] {
                    let text = try line("{\"resourceType\":\"\(type)\",\(members)}", category: category)
                    #expect(!text.isEmpty)
                }
            }
        }
    }
}
