import Foundation
import Testing

@testable import Server

@Suite struct AnswerTextTests {
    private let potassium = """
        {"position":41,"source":"ZZH01","category":"blood-tests","rule":"agreement","basis":[7],"resource":
         {"resourceType":"Observation","id":"ZZH01.o-k","status":"final","code":{"text":"Potassium"},
          "effectiveDateTime":"2018-02-05T12:30:00Z","valueQuantity":{"value":6.80,"unit":"mmol/L"}}}
        """

    private func answer(_ members: String, items: String = "", final: Bool = false) throws -> String {
        let body = """
            {"patient":{"nhsNumber":"9990177015"},
             "viewer":{"user":"dr-rowan","name":"Dr Samir Rowan","roleName":"Clinical Practitioner","organisationName":"Harbour General"},
             "at":{"position":41,"time":"2018-02-05T14:00:00Z"},"final":\(final),
             "decision":{"outcome":"permit","rule":"relationship","basis":[5]},
             "notice":"Some information may not be shown","items":[\(items)]\(members)}
            """
        return try AnswerText().render(Array(body.utf8))
    }

    @Test func aHistoricalViewSaysAsAtFirst() throws {
        #expect(try answer("", final: true).hasPrefix("AS AT 2018-02-05T14:00:00Z (position #41)\n"))
        #expect(try answer("").hasPrefix("Latest: 2018-02-05T14:00:00Z (position #41)\n"))
    }

    @Test func itemsStandUnderTheirCategory() throws {
        let text = try answer("", items: potassium)
        #expect(text.contains("Patient: NHS number 999 017 7015\n"))
        #expect(text.contains("Viewer: Dr Samir Rowan, Clinical Practitioner, Harbour General (dr-rowan)\n"))
        #expect(text.contains("Some information may not be shown.\n"))
        #expect(
            text.contains(
                "\nBLOOD TESTS\n  2018-02-05T12:30:00Z  Potassium · 6.80 mmol/L · final  [ZZH01 #41]\n"),
            "\(text)")
    }

    @Test func noAllergiesIsNeverReadAsNone() throws {
        let absent = #","absent":{"means":"none received","categories":["allergies","gp-practice","alerts"]}"#
        let without = try answer(absent, items: potassium)
        #expect(without.contains("\nALLERGIES\n  None received that may be shown. This does not mean"))
        #expect(
            without.contains(
                "\nNONE RECEIVED that may be shown. This does not mean that there are none.\n  GP practice, alerts\n"
            ))
        let known = """
            {"category":"allergies","source":"ZZG01","position":3,"resource":
             {"resourceType":"AllergyIntolerance","code":{"text":"No known allergies"}}}
            """
        let text = try answer("", items: known)
        #expect(!text.contains("None received"))
        #expect(text.contains("No known allergies"))
    }

    @Test func whatIsMissingIsSaid() throws {
        let text = try answer(
            """
            ,"apart":2,"identityChanged":40,"simulatedClock":true,"withheld":[{"category":"care-preferences","count":1,"rule":"agreement","basis":[9,12]}],
            "tombstones":[{"item":"Condition/ZZH01.c-hyperk","category":"diagnoses","source":"ZZH01",
             "position":44,"recorded":"2018-02-05T16:45:00Z"}],
            "sources":[{"source":"ZZG01","status":"late","last":"2018-02-01T08:00:00Z"}],
            "receipt":{"position":45,"items":"00","body":"0123456789abcdef0123"}
            """)
        #expect(text.contains("Other records bear this number and are not shown"))
        #expect(text.contains("IDENTITY CHANGED in the last 28 days (#40)"))
        #expect(text.contains("The clock of this store is simulated.\n"))
        #expect(text.contains("\nWITHHELD\n  care-preferences: 1, by agreement (#9, #12)\n"))
        #expect(
            text.contains("Condition/ZZH01.c-hyperk (diagnoses) retracted 2018-02-05T16:45:00Z  [ZZH01 #44]"))
        #expect(text.contains("\nSOURCES\n  ZZG01: late, last heard from 2018-02-01T08:00:00Z\n"))
        #expect(text.contains("\nReceipt #45, body 0123456789abcdef…\n"))
    }

    @Test func aRefusalShowsNoItemsAndItsRule() throws {
        let body = """
            {"patient":{"nhsNumber":"9990177015"},"viewer":{"user":"dr-sedge"},"at":{"position":41,"time":"2018-02-05T14:00:00Z"},
             "final":false,"decision":{"outcome":"withhold","rule":"relationship","basis":[]},"items":[]}
            """
        let text = try AnswerText().render(Array(body.utf8))
        #expect(text.contains("REFUSED: relationship\n"))
        #expect(!text.contains("ALLERGIES"))
    }

    @Test func longLinesHang() {
        let text = PlainText.wrap("one two three four", width: 12, indent: "  ", hanging: "    ")
        #expect(text == "  one two\n    three\n    four")
    }
}
