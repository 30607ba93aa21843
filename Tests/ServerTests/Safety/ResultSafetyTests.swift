import CareRecord
import Intake
import Testing
import Wire

@testable import Server

/// DOMAIN, "Clinical safety", a sentence a test: results and what becomes of them, units and times.
@Suite struct ResultSafetyTests {
    private func potassium(_ value: String, _ status: String = "final", _ asserted: String? = nil) -> String {
        SafetyStore.observation(
            #""status":"\#(status)","valueQuantity":{"value":\#(value),"unit":"mmol/L"}"#, asserted: asserted)
    }

    @Test(
        "Retraction. Entered in error (OBX-11 D or W, FHIR delete) leaves views, but a tombstone (item, time, source) stays for those who could see it.",
        arguments: ["entered-in-error", "deleted", "D", "W"])
    func enteredInErrorLeavesATombstone(how: String) throws {
        let store = try SafetyStore()
        try store.admit()
        let isHL7 = how.count == 1
        if isHL7 { try store.report("6.80", "F", id: "M1") } else { try store.send(potassium("6.80")) }
        #expect(try store.view().text.contains("6.80"))
        #expect(try store.view("clerk-1").items("Observation").isEmpty)
        if how == "deleted" {
            try store.send(
                #"{"resourceType":"Bundle","type":"transaction","entry":[{"request":{"method":"DELETE","url":"Observation/o"}}]}"#
            )
        } else if isHL7 {
            try store.report("6.80", how, id: "M2")
        } else {
            try store.send(potassium("6.80", how))
        }
        let seen = try store.view()
        #expect(seen.items("Observation").isEmpty && !seen.text.contains("6.80"))
        let tombstone = (seen.json["tombstones"]?.elements ?? []).first {
            $0["item"]?.string?.hasPrefix(isHL7 ? "Observation/RBD." : "Observation/RBD.o") == true
        }
        #expect(tombstone?["source"]?.string == "RBD")
        #expect(
            tombstone?["recorded"]?.string?.hasPrefix("2018-01-01T") == true && tombstone?["resource"] == nil)
        #expect(seen.text.contains("RETRACTED"))
        // Who could not see the item is told nothing of it.
        let clerk = try store.view("clerk-1")
        #expect(clerk.json["tombstones"] == nil && !clerk.text.contains("Observation/"))
    }

    @Test("Retraction. Corrected shows 'previously X'.")
    func correctedShowsWhatItSaidBefore() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(potassium("6.80"))
        let before = try store.view()
        try store.send(potassium("4.20", "corrected"))
        // The same correction again does not hide what was corrected.
        try store.send(
            potassium("4.20", "corrected").replacing(
                "\"code\"", with: "\"issued\":\"2018-01-01T08:00:00Z\",\"code\""))
        // Nor does it written in another way (the oracle's seed 8 found that it did).
        try store.send(potassium("4.20", "corrected").replacing("mmol/L", with: "mmol\\/L"))
        let seen = try store.view()
        let item = try #require(seen.items("Observation").first)
        #expect(item["resource"]?["valueQuantity"]?["value"]?.number == "4.20")
        #expect(item["previous"]?["resource"]?["valueQuantity"]?["value"]?.number == "6.80")
        #expect(item["previous"]?["position"]?.int == before.items("Observation")[0]["position"]?.int)
        #expect(seen.line("Potassium")?.contains("4.20 mmol/L · CORRECTED · previously 6.80 mmol/L") == true)
        // As of before the correction nothing was corrected.
        #expect(
            try store.view(at: "\(before.answer.answer.position)").items("Observation")[0]["previous"] == nil)
    }

    @Test("Retraction. Corrected shows 'previously X': not what policy withheld, nor what was retracted.")
    func previouslyIsHeldToPolicy() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.temporary.apply(
            SafetyStore.region(consentModel: "implied")
                + "\nsensitivities:\n  - {label: PSY, codes: [{system: \"urn:s\", values: [secret]}]}\n")
        try store.send(
            potassium("6.80").replacing(
                #"{"text":"Potassium"}"#,
                with: #"{"text":"Potassium","coding":[{"system":"urn:s","code":"secret"}]}"#))
        try store.send(potassium("4.20", "corrected"))
        #expect(try store.view().items("Observation").first?["previous"] == nil)
        #expect(!(try store.view().text.contains("6.80")))
        // Retracted in between: what was retracted is not shown as what it was.
        let other = try SafetyStore()
        try other.admit()
        for (value, status) in [("6.80", "final"), ("6.80", "entered-in-error"), ("4.20", "corrected")] {
            try other.send(potassium(value, status))
        }
        #expect(try other.view().items("Observation").first?["previous"] == nil)
    }

    @Test(
        "Retraction. Cancelled shows no value: nor does 'previously', once it is corrected.",
        arguments: [0, 400])
    func whatWasCancelledShowsNoValueLaterEither(more: Int) throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(potassium("5.00"))
        try store.send(potassium("6.80", "cancelled"))
        try store.send(potassium("4.20", "corrected"))
        // So many that the record begins a chapter, whose keyframe keeps what was replaced.
        for number in 0..<more {
            try store.send(
                potassium("\(number)").replacing(#""id":"o""#, with: #""id":"x\#(number % 7)""#))
        }
        let seen = try store.view()
        #expect(!String(decoding: seen.answer.json, as: UTF8.self).contains("6.80"))
        let item = seen.items("Observation").first { $0["previous"] != nil }
        let previous = item?["previous"]?["resource"]
        #expect(previous?.members.map(\.name) == ["resourceType", "status"])
        #expect(previous?["status"]?.string == "cancelled")
    }

    private static let sensitivity =
        SafetyStore.region(consentModel: "implied")
        + "\nsensitivities:\n  - {label: PSY, codes: [{system: \"urn:s\", values: [secret]}]}\n"

    private func secret(_ value: String) -> String {
        potassium(value).replacing(
            #"{"text":"Potassium"}"#,
            with: #"{"text":"Potassium","coding":[{"system":"urn:s","code":"secret"}]}"#)
    }

    @Test("Retraction. Corrected shows 'previously X': of another time not what policy of now withholds.")
    func previouslyIsHeldToPolicyOfNowToo() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(secret("6.80"))
        try store.send(potassium("4.20", "corrected"))
        var request = ViewRequest(
            user: "consultant-1", patient: PatientReference(SafetyStore.patient)!,
            at: .position(store.temporary.store.log.headPosition), asker: TemporaryStore.asker)
        request.isInOwnRight = true
        func shown() throws -> String {
            String(decoding: try store.temporary.store.view(request).json, as: UTF8.self)
        }
        #expect(try shown().contains("6.80"))
        try store.temporary.apply(Self.sensitivity)
        let after = try shown()
        #expect(after.contains("4.20") && !after.contains("6.80"))
    }

    @Test func theReceiptNamesTheOverrideThatPreviouslyStandsOn() throws {
        let store = try SafetyStore()
        try store.admit()
        let passing = Self.sensitivity
            .replacing("overrideMay: {emergency: [", with: "overrideMay: {emergency: [label, ")
        _ = try store.temporary.store.applyRegion(
            try RegionFile(Array(passing.utf8), file: "region.yaml"), fileName: "region.yaml",
            approvedBy: "gp-1", asker: TemporaryStore.asker)
        try store.send(secret("6.80"))
        try store.send(potassium("4.20", "corrected"))
        let declared = store.temporary.store.log.headPosition.next
        try store.temporary.policy(
            #"- overrideDeclared: {id: ov, patient: "9990000018", user: consultant-1, kind: emergency, recordedBy: consultant-1, reason: "unconscious"}"#
        )
        let seen = try store.view()
        #expect(seen.items("Observation").first?["previous"] != nil)
        #expect(seen.answer.receipt.overrides == [declared], "\(seen.answer.receipt)")
    }

    @Test("Retraction. Cancelled shows no value.")
    func cancelledShowsNoValue() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(
            SafetyStore.observation(
                """
                "status":"cancelled","valueQuantity":{"value":6.80,"unit":"mmol/L"},"interpretation":[{"text":"High"}],
                "component":[{"code":{"text":"x"},"valueInteger":77}],"note":[{"text":"sample lost"}],
                "text":{"status":"generated","div":"<div>6.80</div>"}
                """))
        let seen = try store.view()
        #expect(
            !seen.text.contains("6.80") && !String(decoding: seen.answer.json, as: UTF8.self).contains("6.80")
        )
        let resource = seen.items("Observation").first?["resource"]
        let names = (resource?.members ?? []).map(\.name)
        #expect(!names.contains { $0.hasPrefix("value") || $0 == "component" || $0 == "text" })
        #expect(resource?["status"]?.string == "cancelled" && resource?["note"] != nil)
        #expect(seen.line("Potassium")?.contains("CANCELLED") == true)
    }

    @Test("Retraction. Cancelled shows no value: what is contained goes, and whatever points at it.")
    func cancelledPointsAtNothingThatIsGone() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(
            SafetyStore.observation(
                """
                "status":"cancelled","contained":[{"resourceType":"Specimen","id":"s1","note":[{"text":"6.80"}]},
                {"resourceType":"Practitioner","id":"p1","name":[{"family":"Reed"}]}],"specimen":{"reference":"#s1"},
                "performer":[{"reference":"#p1"},{"reference":"Practitioner/x","display":"Dr X"},
                {"reference":"#p1","display":"Dr Reed"}],"derivedFrom":[{"reference":"#s1"}],
                "extension":[{"url":"urn:e","valueReference":{"reference":"#s1"}},{"url":"urn:f","valueCanonical":"#p1"}],
                "note":[{"text":"#s1 was lost"}],"valueString":"6.80"
                """))
        let seen = try store.view()
        let resource = try #require(seen.items("Observation").first?["resource"])
        let text = String(decoding: resource.raw, as: UTF8.self)
        for gone in ["\"#s1\"", "\"#p1\"", "valueCanonical", "contained", "specimen", "derivedFrom", "6.80"] {
            #expect(!text.contains(gone), "\(gone): \(text)")
        }
        #expect(
            text.contains(
                ##""performer":[{"reference":"Practitioner/RBD.x","display":"Dr X"},{"display":"Dr Reed"}]"##)
        )
        #expect(text.contains("#s1 was lost") && text.contains(#""code":{"text":"Potassium"}"#))
    }

    @Test("Retraction. Preliminary is labelled.", arguments: ["preliminary", "registered", "partial"])
    func preliminaryIsLabelled(status: String) throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(potassium("6.80", status))
        let seen = try store.view()
        #expect(seen.items("Observation").first?["resource"]?["status"]?.string == status)
        #expect(seen.line("Potassium")?.contains("6.80 mmol/L · \(status.uppercased())") == true)
    }

    @Test("Retraction. A message with an older assertion time never overwrites a newer one.")
    func anOlderAssertionNeverOverwrites() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(potassium("4.20", "final", "2017-12-31T12:00:00Z"))
        try store.send(potassium("6.80", "final", "2017-12-31T11:00:00Z"))
        let seen = try store.view()
        #expect(seen.items("Observation").count == 1)
        #expect(seen.text.contains("4.20 mmol/L") && !seen.text.contains("6.80"))
    }

    @Test(
        """
        Units. Value, unit, range, comparator and abnormal flag exactly as sent; no conversion, no trend across units; a \
        missing unit says so.
        """,
        arguments: [
            (#""valueQuantity":{"value":6.80,"unit":"mmol/L"}"#, "6.80 mmol/L"),
            (#""valueQuantity":{"value":6.80E1,"comparator":"<","code":"mg/dL"}"#, "<6.80E1 mg/dL"),
            (#""valueQuantity":{"value":6.80}"#, "6.80 (no unit sent)"),
            (#""component":[{"code":{"text":"Left"},"valueQuantity":{"value":1}}]"#, "Left 1 (no unit sent)"),
            (
                #""valueQuantity":{"value":7,"unit":"mmol/L"},"referenceRange":[{"low":{"value":3.50,"unit":"mmol/L"},"high":{"value":5.3,"unit":"mmol/L"}}]"#,
                "7 mmol/L · range 3.50–5.3"
            ),
            (
                #""valueQuantity":{"value":7,"unit":"mmol/L"},"referenceRange":[{"high":{"value":126,"unit":"mg/dL"}}]"#,
                "7 mmol/L · range ≤ 126 mg/dL"
            ),
            (
                #""valueQuantity":{"value":7,"unit":"u"},"interpretation":[{"coding":[{"system":"urn:f","code":"HH"}]}]"#,
                "7 u · HH"
            ),
        ])
    func valuesAreShownAsSent(members: String, expected: String) throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(SafetyStore.observation(#""status":"final",\#(members)"#))
        let seen = try store.view()
        #expect(seen.line("Potassium")?.contains("Potassium · \(expected) · final") == true, "\(seen.text)")
        // The resource is the source's, byte for byte.
        #expect(String(decoding: seen.answer.json, as: UTF8.self).contains(members))
    }

    @Test("Time. Source offset kept.", arguments: ["+00:00", "+01:00", "-05:00", "Z"])
    func offsetsAreKept(offset: String) throws {
        let store = try SafetyStore()
        try store.admit()
        let time = "2017-10-29T01:30:00\(offset)"
        try store.send(SafetyStore.observation(#""status":"final","effectiveDateTime":"\#(time)""#))
        let seen = try store.view()
        #expect(seen.items("Observation").first?["effective"]?.string == time)
        #expect(seen.line("Potassium")?.contains("\(time)  Potassium") == true)
    }

    @Test("Time. The repeated autumn hour marked ambiguous.")
    func theRepeatedHourIsMarked() throws {
        let store = try SafetyStore()
        try store.admit()
        try store.send(
            SafetyStore.observation(
                """
                "status":"final","effectiveDateTime":"2017-10-29T01:30:00+01:00",
                "_effectiveDateTime":{"extension":[{"url":"\(FHIRText.ambiguousTime)","valueBoolean":true}]}
                """))
        #expect(
            try store.view().line("Potassium")?
                .contains(
                    "2017-10-29T01:30:00+01:00 (ambiguous: the clocks showed this time twice)  Potassium")
                == true)
    }

    @Test(
        "Time. Date-only and birth dates never shifted.",
        arguments: ["2017-07-01", "2017-07", "2017"])
    func datesAreNeverShifted(date: String) throws {
        // Just after midnight in summer time, when it is still the day before in UTC.
        let store = try SafetyStore(now: "2018-06-30T23:30:00Z")
        try store.admit()
        try store.send(SafetyStore.observation(#""status":"final","effectiveDateTime":"\#(date)""#))
        let seen = try store.view()
        #expect(seen.items("Observation").first?["effective"]?.string == date)
        #expect(seen.line("Potassium")?.contains("  \(date)  Potassium") == true)
        #expect(seen.items("Patient").first?["resource"]?["birthDate"]?.string == "1970-01-01")
        #expect(seen.text.contains("born 1970-01-01"))
    }
}
