import CareRecord
import HL7

/// OBX: one result.
extension HL7MessageReader {
    mutating func addResult(_ result: ResultGroup.Result, _ context: inout ReportContext) throws(HL7Fault) {
        guard let code = HL7Concept.concept(result.obx.field(3)) else {
            throw HL7Fault(
                .invalidValue, at: result.obx.path(field: 3), "there is no code: what was observed?")
        }
        if result.isDocument { return try addDocument(result, code, &context) }
        if context.category == .imaging, result.isText {
            // The words of a radiologist are the report itself.
            if !result.isInError, !result.isCancelled {
                context.text += ([result.obx] + result.lines).flatMap { Self.lines($0.field(5)) }
                context.text += Self.noteText(result.notes)
            }
            return
        }
        try addObservation(result, code, &context)
    }

    private static func lines(_ value: HL7Value) -> [String] {
        value.repetitions.map { $0.isNull ? "" : $0.string }
    }

    private mutating func addObservation(
        _ result: ResultGroup.Result, _ code: FHIRObject, _ context: inout ReportContext
    ) throws(HL7Fault) {
        let obx = result.obx
        let id = unused("\(context.id)-\(result.key)", "Observation")
        // A status that is not sent is the report's.
        let status = HL7Codes.observationStatus(result.status) ?? Self.inherited(context.group.obr.field(25))
        var out = resource("Observation", id)
        out.set("identifier", [HL7People.entity(obx.field(21))].compactMap(\.self))
        out.setStatus(status)
        out.set(
            "category", [.concept(Self.terminology("observation-category"), observationCategory(context))])
        out.set("code", code)
        out.set("subject", patientReference)
        out.set("encounter", context.encounter)
        let when = moment(obx.field(14)) ?? context.when
        out.set("effectiveDateTime", when)
        if let issued = moment(obx.field(19)) ?? moment(context.group.obr.field(22)), issued.hasTime {
            out.set("issued", issued)
        }
        out.set("performer", obx.field(16).repetitions.compactMap { HL7People.person($0) })
        // Cancelled shows no value; nor does what was never asked.
        if status != "cancelled" {
            let value = ObservationValue(result, reader: self)
            value.set(in: &out, code: code)
            if value.isAbsent, result.status == "N" {
                out.set("dataAbsentReason", .concept(Self.terminology("data-absent-reason"), "not-asked"))
            }
            out.set("interpretation", interpretation(obx.field(8)))
        }
        let notes = Self.noteText(result.notes)
        if !notes.isEmpty {
            var note = FHIRObject()
            note.set("text", .text(notes.joined(separator: "\n")))
            out.set("note", [note])
        }
        out.set("bodySite", HL7Concept.concept(obx.field(20)))
        out.set("method", obx.field(17).repetitions.first.flatMap { HL7Concept.concept($0) })
        out.set("specimen", context.specimen.map { .reference($0) })
        if status != "cancelled", let range = obx.field(7).words {
            var reference = FHIRObject()
            reference.set("text", range)
            out.set("referenceRange", [reference])
        }
        let isInError = status == "entered-in-error"
        try add(
            out, id: id, category: context.category, effective: when,
            operation: isInError ? .enteredInError : .upsert)
        context.results.append("Observation/\(out.id)")
    }

    private static func inherited(_ report: HL7Value) -> String {
        switch HL7Codes.reportStatus(report.words ?? "") {
        case "final": "final"
        case "corrected": "corrected"
        case "preliminary", "partial": "preliminary"
        case "registered": "registered"
        case "amended": "amended"
        case "cancelled": "cancelled"
        default: "unknown"
        }
    }

    private func observationCategory(_ context: ReportContext) -> String {
        switch context.category {
        case .imaging: "imaging"
        case .observations: "exam"
        default: "laboratory"
        }
    }

    /// OBX-8, table 0078: the codes that FHIR has too are coded, others stay as words.
    private func interpretation(_ value: HL7Value) -> [FHIRObject] {
        value.repetitions.compactMap { flag in
            guard let code = flag.component(1).words else { return nil }
            var out = FHIRObject()
            if Self.interpretations.contains(code) {
                out.set("coding", [.coding(HL7Codes.v3("ObservationInterpretation"), code)])
            }
            out.set("text", flag.component(2).words ?? Self.flagWords[code] ?? code)
            return out
        }
    }

    private static let flagWords = [
        "H": "High", "L": "Low", "HH": "Critical high", "LL": "Critical low", "N": "Normal", "A": "Abnormal",
        "AA": "Critical abnormal", "R": "Resistant", "S": "Susceptible", "I": "Intermediate",
    ]

    private static let interpretations: Set<String> = [
        "<", ">", "A", "AA", "AC", "B", "D", "DET", "E", "H", "HH", "HU", "HX", "I", "IE", "IND", "L", "LL",
        "LU",
        "LX", "MS", "N", "NEG", "ND", "NR", "NS", "POS", "QCF", "R", "RR", "S", "SDD", "SYN-R", "SYN-S",
        "TOX", "U",
        "VS", "W", "WR",
    ]

    // MARK: Documents

    /// OBX-2 ED and RP: of an imaging report, its document; else a document of its own.
    private mutating func addDocument(
        _ result: ResultGroup.Result, _ code: FHIRObject, _ context: inout ReportContext
    ) throws(HL7Fault) {
        let obx = result.obx
        let status = HL7Codes.observationStatus(result.status) ?? Self.inherited(context.group.obr.field(25))
        let isGone = status == "cancelled" || status == "entered-in-error"
        var attachments: [FHIRObject] = []
        for value in obx.field(5).repetitions where value.isValued && !isGone {
            var attachment = try HL7Attachment.attachment(value, type: result.type, at: obx.path(field: 5))
            attachment.set("title", code.text ?? obx.field(3).component(2).words)
            attachments.append(attachment)
        }
        if context.category == .imaging {
            context.forms += attachments
            return
        }
        guard !attachments.isEmpty || isGone else { return }
        let id = unused("\(context.id)-\(result.key)", "DocumentReference")
        var out = resource("DocumentReference", id)
        out.setStatus(isGone ? "entered-in-error" : "current")
        out.set(
            "docStatus", ["preliminary": "preliminary", "final": "final", "corrected": "amended"][status])
        out.set("type", code)
        out.set("subject", patientReference)
        let when = moment(obx.field(14)) ?? context.when
        if let when, when.hasTime { out.set("date", when) }
        if attachments.isEmpty {
            var withdrawn = FHIRObject()
            withdrawn.set("title", "withdrawn")
            attachments = [withdrawn]
        }
        out.set(
            "content",
            attachments.map { attachment in
                var content = FHIRObject()
                content.set("attachment", attachment)
                return content
            })
        var about = FHIRObject()
        about.set("encounter", [context.encounter].compactMap(\.self))
        about.set("related", [.reference(context.reference)])
        out.set("context", about)
        try add(
            out, id: id, category: .documents, effective: when, operation: isGone ? .enteredInError : .upsert)
    }
}
