import Foundation
import HL7
import Intake
import Testing

/// What a clinician reads in messages of the corpora, written down by hand from the messages: who it is, when they came, what was
/// measured, in which unit, against which range, and how far it can be relied on.
@Suite(.enabled(if: Corpora.folder != nil, "DAYBOOK_CORPORA is not set")) struct HL7GoldenTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var file: String
        /// A type, and of an Observation or a report its first code.
        var resource: String
        /// A path and what stands there; `-` for nothing.
        var facts: [String]
        var testDescription: String { "\(file) \(resource)" }

        init(_ file: String, _ resource: String, _ facts: String...) {
            (self.file, self.resource, self.facts) = (file, resource, facts)
        }
    }

    static let pressure = "commons__ihe__hl7v2ws__pcd01__valid-pcd01-MaximumRequest2.hl7"
    static let admission = "platform-camel__hl7__message__msg-03.hl7"
    static let umlauts = "platform-camel__hl7__message__msg-01-utf8.hl7"
    static let outpatient = "platform-camel__ihe__mllp__iti8__hl7v2message.hl7"
    static let registration =
        "commons__ihe__hl7v3__translation__pixfeed__v2__PIX_FEED_REG_Maximal_Request.hl7"
    static let glucose = "modules__hl7__msg-07.hl7"
    static let electrolytes = "modules__hl7__dsl__oru-r01-25.hl7"
    static let haemoglobin = "modules__hl7__msg-10.hl7"
    static let thermometer = "commons__ihe__hl7v2ws__wan__valid-thermometer-continua-wan.hl7v2"
    static let oximeter = "commons__ihe__hl7v2ws__wan__valid-oximeter-continua-wan.hl7v2"

    static let rows = [
        // Admitted at midnight of a summer's day, local time: BST.
        Row(
            admission, "Patient", "name.0.family Meier", "name.0.given.0 Elfriede", "gender female",
            "birthDate 1940-01-01", "address.0.line.0 Hauptstrasse 23", "address.0.city Essen",
            "deceasedBoolean -"),
        Row(
            admission, "Encounter", "status in-progress", "class.code IMP",
            "period.start 2004-08-05T00:00:00+01:00", "period.end -", "identifier.0.value 79237645",
            "location.0.location.display ISKA, 13, 4"),
        Row(admission, "RelatedPerson", "name.0.family Meier", "telecom.0.value 333-4444"),
        Row(
            umlauts, "Patient", "name.0.family Nächname", "name.0.given.0 Vörname", "gender male",
            "birthDate -"),
        // Nobody says when they came: no time is made up.
        Row(outpatient, "Patient", "name.0.family Eisner", "birthDate 1953-04-29", "telecom.1.system email"),
        Row(outpatient, "Encounter", "class.code AMB", "period -", "status in-progress"),
        Row(
            registration, "Patient", "name.0.family WASHINGTON", "name.0.given.0 MARY", "name.0.given.1 ROSE",
            "name.0.prefix.0 Dr.", "name.2.family DEAN", "name.2.use old", "birthDate 1977-12-08",
            "gender female", "deceasedBoolean false", "telecom.2.system fax"),
        Row(
            glucose, "Patient", "name.0.family Estherhaus", "name.0.given.0 Eva", "birthDate 1972-05-20",
            "telecom.1.use work"),
        // A winter's morning, without an offset of its own: GMT. High, as the laboratory flagged it.
        Row(
            glucose, "Observation 1554-5", "status final", "valueQuantity.value 175",
            "valueQuantity.unit mg/dl",
            "valueQuantity.comparator -", "interpretation.0.coding.0.code H", "referenceRange.0.text 70_105",
            "effectiveDateTime 2005-02-15T07:30:00+00:00", "code.text GLUCOSE"),
        Row(glucose, "DiagnosticReport 1554-5", "status final", "result.0.reference !"),
        // The sender's own offset is kept.
        Row(
            electrolytes, "Observation 22760-3", "status final", "code.text POTASSIUM",
            "valueQuantity.value 3.5",
            "valueQuantity.unit meq/L", "referenceRange.0.text 3.4 - 5.3", "interpretation -",
            "effectiveDateTime 2007-07-01T12:30:54-04:00", "issued 2007-07-01T13:25:54-04:00"),
        Row(
            electrolytes, "Observation 2951-2", "valueQuantity.value 140", "referenceRange.0.text 137-147",
            "code.coding.1.code 230-007"),
        Row(
            electrolytes, "DiagnosticReport 34554-6", "status final", "result.3.reference !",
            "result.4.reference -"),
        Row(
            haemoglobin, "Observation 14134-1", "status final", "valueQuantity.value 12.4",
            "valueQuantity.unit g/dL", "valueQuantity.system http://unitsofmeasure.org",
            "referenceRange.0.text 12.0-16.0", "interpretation -", "subject.reference !"),
        // Of a blood pressure the systolic was corrected; the mean of one is final, and the header of another cancelled.
        Row(pressure, "Patient", "name.0.family Doe", "birthDate 1977-04-04", "gender male"),
        Row(
            pressure, "Observation 150021", "status corrected", "valueQuantity.value 140",
            "valueQuantity.unit MDC_DIM_MMHG", "referenceRange.0.text <120", "bodySite.text Left arm",
            "effectiveDateTime 2009-08-13T09:57:25+05:00"),
        Row(pressure, "Observation 150023", "status final", "valueQuantity.value 100"),
        Row(pressure, "Observation 1500232", "status cancelled", "valueQuantity -"),
        // At home, by a device, not reviewed by anybody; Fahrenheit stays Fahrenheit.
        Row(
            thermometer, "Observation 188424", "status preliminary", "valueQuantity.value 98.6",
            "valueQuantity.unit MDC_DIM_FAHR", "effectiveDateTime 2009-07-15T07:07:07+00:00"),
        Row(
            oximeter, "Observation 150456", "status preliminary", "valueQuantity.value 80.5",
            "valueQuantity.unit MDC_DIM_PERCENT"),
    ]

    @Test(arguments: rows) func aClinicianReadsWhatWasSent(_ row: Row) throws {
        let resource = try #require(try Self.resources(of: row.file)[row.resource])
        for fact in row.facts {
            let parts = fact.split(separator: " ", maxSplits: 1).map(String.init)
            let found = Self.text(at: parts[0], in: resource)
            // `!`: something stands there.
            let isRight = parts[1] == "!" ? found != nil : found == (parts[1] == "-" ? nil : parts[1])
            #expect(
                isRight, "\(fact): \(found ?? "nothing") in \(String(decoding: resource.raw, as: UTF8.self))")
        }
    }

    /// Entered in error (OBX-11 D): taken back, and no value of it is left to be read.
    @Test func whatWasEnteredInErrorIsTakenBack() throws {
        let draft = try Self.draft(of: Self.pressure)
        #expect(
            draft.items.filter { $0.meta.operation == .enteredInError }.map(\.meta.type) == ["Observation"])
    }

    private static func draft(of file: String) throws -> MessageDraft {
        let bytes = [UInt8](
            try Data(contentsOf: URL(filePath: try #require(Corpora.folder) + "/hl7v2-ipf/" + file)))
        let first = try #require(HL7File(bytes).messages.first)
        return try HL7CorporaTests.intake.message(Array(bytes[first]), file: file).get()
    }

    /// By type, and by type and first code.
    private static func resources(of file: String) throws -> [String: JSONCursor] {
        let draft = try draft(of: file)
        var out: [String: JSONCursor] = [:]
        for item in draft.items where item.meta.operation == .upsert {
            let root = try JSONDocument(item.bytes(of: draft.raw)).root
            let code = text(at: "code.coding.0.code", in: root).map { " \($0)" } ?? ""
            out[item.meta.type + code] = root
        }
        return out
    }

    private static func text(at path: String, in resource: JSONCursor) -> String? {
        var place: JSONCursor? = resource
        for part in path.split(separator: ".") {
            place = Int(part).map { place?[$0] } ?? place?[String(part)]
        }
        return place.map { $0.string ?? String(decoding: $0.raw, as: UTF8.self) }
    }
}
