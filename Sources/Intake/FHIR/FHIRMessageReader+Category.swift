import CareRecord

/// Categories that need more than the type.
extension FHIRMessageReader {
    func category(of entry: BundleEntry, _ walk: ResourceWalk?) -> Category {
        if let category = CategoryRules.byType[entry.type] { return category }
        let isCouncil = intake.sourceIsLocalAuthority
        if entry.isType("Observation") {
            guard let walk else { return .observations }
            if walk.isLaboratory || !walk.specimens.isEmpty { return laboratory(walk) }
            return walk.isImaging ? .imaging : .observations
        }
        if entry.isType("DiagnosticReport") {
            guard let walk else { return .bloodTests }
            return walk.isImaging ? .imaging : laboratory(walk)
        }
        if entry.isType("CarePlan") { return isCouncil ? .socialCare : .carePreferences }
        if entry.isType("CareTeam") || entry.isType("ServiceRequest") || entry.isType("EpisodeOfCare") {
            return isCouncil ? .socialCare : .other
        }
        return .other
    }

    /// A blood test if every specimen is blood or unsaid, else pathology.
    private func laboratory(_ walk: ResourceWalk) -> Category {
        walk.specimens.allSatisfy(isBlood) ? .bloodTests : .pathology
    }

    private func isBlood(_ specimen: Int?) -> Bool {
        guard let specimen, let type = document.member(.type, of: specimen) else { return true }
        let codings = codings(of: type)
        let displays = document.objects(in: document.member(.coding, of: type)).compactMap {
            document.member("display", of: $0).map { document.string($0) }
        }
        let words = ([document.stringMember(.text, of: type)].compactMap { $0 } + displays).joined(
            separator: " ")
        if codings.isEmpty, words.isEmpty { return true }
        return CategoryRules.isBlood(codings, text: words)
    }

    /// The specimens that an Observation or DiagnosticReport names.
    func readSpecimens(_ value: Int, _ walk: inout ResourceWalk) {
        guard walk.entry.isType("Observation") || walk.entry.isType("DiagnosticReport") else { return }
        let isArray = document.tokens[value].kind == .array
        let references = isArray ? document.objects(in: value) : [value]
        var contained = ReferenceIndex()
        for object in document.objects(in: document.member(.contained, of: walk.resource)) {
            guard let id = document.member(.id, of: object), document.tokens[id].kind == .string else {
                continue
            }
            _ = contained.insert(document.text(id), object)
        }
        for reference in references { walk.specimens.append(specimen(reference, contained)) }
    }

    private func specimen(_ reference: Int, _ contained: ReferenceIndex) -> Int? {
        guard let value = document.member(.reference, of: reference), document.tokens[value].kind == .string
        else { return nil }
        let text = document.text(value)
        if text.first == UInt8(ascii: "#") { return contained.find(Array(text.dropFirst())) }
        guard let number = index.find(text) ?? index.find(Self.withoutVersion(text)) else { return nil }
        let entry = known(number)
        return entry.isType("Specimen") ? entry.resource : nil
    }
}
