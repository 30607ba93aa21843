import CareRecord
import HL7
import Wire

/// ORU^R01: reports and their results.
extension HL7MessageReader {
    mutating func readORU() throws(HL7Fault) {
        guard trigger == "ORU^R01" else { throw notTaken() }
        let pid = try onlyPatient()
        try readPatient(pid, describes: false)
        try addPatient(pid, describes: false)
        let groups = try ResultGroup.groups(message)
        guard !groups.isEmpty else {
            throw HL7Fault(.missingSegment, at: "OBR", "there is no OBR: nothing is reported")
        }
        for group in groups { try addReport(group) }
    }

    private mutating func addReport(_ group: ResultGroup) throws(HL7Fault) {
        guard let code = HL7Concept.concept(group.obr.field(4)) else {
            throw HL7Fault(
                .invalidValue, at: group.obr.path(field: 4), "there is no code: what was reported on?")
        }
        let key = HL7Concept.key(group.obr.field(4)) ?? ""
        let when = moment(group.obr.field(7)) ?? group.specimens.first.flatMap { moment($0.field(17)) }
        let name = group.number ?? "\(subject.localID)-\(when?.text ?? "")"
        let id = unused("\(name)-\(key)", "DiagnosticReport")
        let specimen = try addSpecimen(group, report: id)
        var context = ReportContext(
            id: id, reference: "DiagnosticReport/\(daybookID("DiagnosticReport", id))", group: group,
            category: category(group), specimen: specimen, when: when, encounter: visitReference())
        // Results first: the report refers to them.
        for result in group.results { try addResult(result, &context) }
        var report = resource("DiagnosticReport", id)
        report.set("identifier", orderNumbers(group))
        let status = group.status
        report.setStatus(status)
        report.set("category", [reportCategory(group)])
        report.set("code", code)
        report.set("subject", patientReference)
        report.set("encounter", context.encounter)
        if let end = moment(group.obr.field(8)), let when {
            report.set("effectivePeriod", .period(when, end))
        } else {
            report.set("effectiveDateTime", when)
        }
        if let issued = moment(group.obr.field(22)), issued.hasTime { report.set("issued", issued) }
        report.set("performer", group.obr.field(34).repetitions.compactMap { interpreter($0) })
        report.set("resultsInterpreter", group.obr.field(32).repetitions.compactMap { interpreter($0) })
        report.set("specimen", [specimen.map { .reference($0) }].compactMap(\.self))
        report.set("result", context.results.map { .reference($0) })
        let isGone = status == "entered-in-error" || status == "cancelled"
        let words = (isGone ? [] : context.text) + Self.noteText(group.notes)
        report.set("conclusion", .text(words.joined(separator: "\n")))
        report.set("presentedForm", isGone ? [] : context.forms)
        try add(
            report, id: id, category: context.category, effective: when,
            operation: status == "entered-in-error" ? .enteredInError : .upsert)
    }

    private func category(_ group: ResultGroup) -> Category {
        if group.isImaging { return .imaging }
        if group.isMeasurement { return .observations }
        let specimens =
            group.specimens.map { $0.field(4) } + [group.obr.field(15).component(1)].filter(\.isValued)
        // Tissue and cells are no blood, even where nobody says what they are.
        if specimens.isEmpty { return ["SP", "CP"].contains(group.section) ? .pathology : .bloodTests }
        return specimens.allSatisfy(Self.isBlood) ? .bloodTests : .pathology
    }

    private static func isBlood(_ type: HL7Value) -> Bool {
        var codings: [Coding] = []
        var words: [String] = []
        // In OBR-15 the parts of the type are subcomponents.
        for number in [1, 2, 4, 5] {
            guard let text = type.component(number).words ?? type.subcomponent(number).words else { continue }
            codings.append(Coding(system: "", code: text))
            words.append(text)
        }
        if words.isEmpty { return true }
        return CategoryRules.isBlood(codings, text: words.joined(separator: " "))
    }

    private func reportCategory(_ group: ResultGroup) -> FHIRObject {
        if !group.section.isEmpty, group.section.isFHIRCode {
            return .concept(HL7Codes.table(74), group.section)
        }
        return .concept(HL7Codes.table(74), group.isMeasurement ? "OTH" : "LAB")
    }

    private func orderNumbers(_ group: ResultGroup) -> [FHIRObject] {
        let placer =
            HL7People.entity(group.obr.field(2), type: "PLAC")
            ?? group.orc.flatMap { HL7People.entity($0.field(2), type: "PLAC") }
        let filler =
            HL7People.entity(group.obr.field(3), type: "FILL")
            ?? group.orc.flatMap { HL7People.entity($0.field(3), type: "FILL") }
        return [placer, filler].compactMap(\.self)
    }

    /// NDL: a person's id and names are subcomponents.
    private func interpreter(_ value: HL7Value) -> FHIRObject? {
        let name = value.component(1)
        let words = [5, 3, 2].compactMap { name.subcomponent($0).words }
        let display = words.isEmpty ? name.words : words.joined(separator: " ")
        guard let display else { return nil }
        var out = FHIRObject()
        out.set("type", "Practitioner")
        out.set("display", display)
        return out
    }

    static func noteText(_ notes: [HL7Segment]) -> [String] {
        let lines = notes.flatMap { $0.field(3).repetitions }.filter(\.isValued).map(\.string)
        return lines.allSatisfy { $0.trimmed.isEmpty } ? [] : lines
    }

    // MARK: Specimens

    /// SPM, or OBR-15: the specimen that the report is about, as a resource.
    private mutating func addSpecimen(_ group: ResultGroup, report: String) throws(HL7Fault) -> String? {
        let spm = group.specimens.first
        let source = group.obr.field(15)
        let type =
            spm.flatMap { HL7Concept.concept($0.field(4), table: HL7Codes.table(487)) }
            ?? specimenSource(source)
        guard spm != nil || type != nil else { return nil }
        let id = unused("\(report)-specimen", "Specimen")
        var specimen = resource("Specimen", id)
        if let spm {
            specimen.set("identifier", [entityPair(spm.field(2))].compactMap(\.self))
        }
        specimen.set("type", type)
        specimen.set("subject", patientReference)
        if let received = spm.flatMap({ moment($0.field(18)) }) ?? moment(group.obr.field(14)) {
            specimen.set("receivedTime", received)
        }
        var collection = FHIRObject()
        collection.set(
            "collectedDateTime", spm.flatMap { moment($0.field(17)) } ?? moment(group.obr.field(7)))
        if let spm {
            collection.set("method", HL7Concept.concept(spm.field(7), table: HL7Codes.table(488)))
            collection.set("bodySite", HL7Concept.concept(spm.field(8)))
        }
        specimen.set("collection", collection)
        try add(specimen, id: id, category: .cited)
        return "Specimen/\(specimen.id)"
    }

    /// SPS: a coded type in subcomponents, or a code alone.
    private func specimenSource(_ source: HL7Value) -> FHIRObject? {
        let type = source.component(1)
        guard let code = type.subcomponent(1).words else {
            return type.subcomponent(2).words.map { words in
                var out = FHIRObject()
                out.set("text", words)
                return out
            }
        }
        let system = type.subcomponent(3).words.flatMap { HL7Codes.system($0) } ?? HL7Codes.table(70)
        var out = FHIRObject()
        if code.isFHIRCode { out.set("coding", [.coding(system, code, display: type.subcomponent(2).words)]) }
        out.set("text", type.subcomponent(2).words ?? code)
        return out
    }

    /// EIP: the filler's number, else the placer's; their parts are subcomponents.
    private func entityPair(_ value: HL7Value) -> FHIRObject? {
        for number in [2, 1] {
            guard let id = value.component(number).subcomponent(1).words else { continue }
            var out = FHIRObject()
            out.set("value", id)
            return out
        }
        return nil
    }
}

/// A report while its results are read.
struct ReportContext {
    var id: String
    var reference: String
    var group: ResultGroup
    var category: Category
    var specimen: String?
    var when: HL7Moment?
    var encounter: FHIRObject?
    /// References of the results.
    var results: [String] = []
    /// Of an imaging report: its text, line by line.
    var text: [String] = []
    /// Of an imaging report: its documents.
    var forms: [FHIRObject] = []
}
