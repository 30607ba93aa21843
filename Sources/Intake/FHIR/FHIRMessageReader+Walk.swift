import CareRecord

/// One pass over a resource: its own members by name, and everything inside them for references and codes.
extension FHIRMessageReader {
    mutating func walk(_ walk: inout ResourceWalk) throws(FHIRFault) {
        let end = Int(document.tokens[walk.resource].next)
        let hasID = document.member(.id, of: walk.resource) != nil
        var key = walk.resource + 1
        while key < end {
            let value = key + 1
            let next = Int(document.tokens[value].next)
            walk.top = document.fhirName(key)
            if let name = walk.top { try topLevel(name, value, hasID: hasID, &walk) }
            if next > value + 1 { try nested(value, next, &walk) }
            key = next
        }
    }

    private mutating func topLevel(
        _ name: FHIRName, _ value: Int, hasID: Bool, _ walk: inout ResourceWalk
    ) throws(FHIRFault) {
        let token = document.tokens[value]
        if name.hidesCodes { walk.codesHiddenUntil = Int(token.next) }
        if let rank = name.effectiveRank {
            walk.offerEffective(rank, effective(value))
            return
        }
        switch name {
        case .resourceType:
            if !hasID {
                walk.replace(
                    token.range.upperBound..<token.range.upperBound,
                    with: Array(",\"id\":\"".utf8) + walk.daybookID + [JSONBytes.quote], in: document)
            }
        case .id: walk.replace(token.inner, with: walk.daybookID, in: document)
        case .meta: walk.asserted = try lastUpdated(walk.resource)
        case .status where token.kind == .string:
            if token.inner.count <= ResourceWalk.maximumStatusBytes { walk.status = document.string(value) }
            if document.isText(value, "entered-in-error") { walk.isInError = true }
        case .verificationStatus:
            if codings(of: value).contains(where: { $0.code == "entered-in-error" }) { walk.isInError = true }
        case .category: readCategory(value, &walk)
        case .specimen: readSpecimens(value, &walk)
        case .contained:
            guard token.kind == .array else { throw wrong(value, "an array of resources") }
            walk.containedUntil = Int(token.next)
        case .link where walk.entry.isPatient: walk.linkUntil = Int(token.next)
        case .subject, .patient: noteLogical(value, isPatient: name == .patient)
        default: break
        }
    }

    /// The codes of an Observation's or DiagnosticReport's category.
    private func readCategory(_ value: Int, _ walk: inout ResourceWalk) {
        guard walk.entry.isType("Observation") || walk.entry.isType("DiagnosticReport") else { return }
        let concepts =
            document.tokens[value].kind == .array ? document.objects(in: value) : [value]
        for coding in concepts.flatMap({ codings(of: $0) }) {
            if CategoryRules.isLaboratory(coding) { walk.isLaboratory = true }
            if CategoryRules.isImaging(coding) { walk.isImaging = true }
        }
    }

    /// A date as sent; of a Period, its start.
    private func effective(_ value: Int) -> String? {
        switch document.tokens[value].kind {
        case .string: document.string(value)
        case .object: document.stringMember(.start, of: value)
        default: nil
        }
    }

    /// Everything inside a top-level member.
    private mutating func nested(
        _ first: Int, _ end: Int, _ walk: inout ResourceWalk
    ) throws(FHIRFault) {
        var k = first
        while k < end {
            let token = document.tokens[k]
            // Only names of these lengths matter: link (4), coding (6), reference and contained (9),
            // security (8), identifier (10), valueCoding (11), resourceType (12), interpretation (14).
            let length = Int(token.end) &- Int(token.start) &- 2
            if token.kind == .key,
                token.isEscaped || (length < 16 && (1 << length) & 0b101_1111_0101_0000 != 0),
                let name = document.fhirName(k)
            {
                try nestedMember(name, k + 1, inside: first, &walk)
            }
            k += 1
        }
    }

    private mutating func nestedMember(
        _ name: FHIRName, _ value: Int, inside first: Int, _ walk: inout ResourceWalk
    ) throws(FHIRFault) {
        let token = document.tokens[value]
        switch name {
        case .reference where token.kind == .string: try reference(value, inside: first, &walk)
        case .coding where token.kind == .array, .valueCoding where token.kind == .object:
            if value >= walk.codesHiddenUntil { collectCodes(value, &walk) }
        // The labels that the source put on it (`Resource.meta.security`): a sensitivity names them as it names any code.
        case .security where token.kind == .array: collectCodes(value, &walk)
        case .identifier, .interpretation:
            walk.codesHiddenUntil = max(walk.codesHiddenUntil, Int(token.next))
        case .contained where token.kind == .array:
            walk.containedUntil = max(walk.containedUntil, Int(token.next))
        case .resourceType where document.isText(value, "Patient"): try innerPatient(value, walk)
        case .link where token.kind == .array:
            if let owner = enclosingObject(of: value, from: walk.resource),
                document.stringMember(.resourceType, of: owner) == "Patient"
            {
                walk.linkUntil = Int(token.next)
            }
        default: break
        }
    }

    /// A Patient resource inside another resource.
    private mutating func innerPatient(_ value: Int, _ walk: ResourceWalk) throws(FHIRFault) {
        if value < walk.containedUntil {
            throw FHIRFault(
                .patientContained, at: value,
                """
                the patient stands inside another resource, which gives no identity to keep it under: send \
                the Patient as a resource of its own and refer to it
                """)
        }
        let owner = innerEntry(around: value)
        if let owner, owner.isPatient { return try self.name(patient: owner.sourceID, at: value) }
        guard let object = enclosingObject(of: value, from: walk.resource),
            let id = document.member(.id, of: object), document.tokens[id].kind == .string,
            intake.isAcceptableID(document.text(id))
        else { throw FHIRFault(.missingID, at: value, "a Patient without an id") }
        try self.name(patient: document.text(id), at: value)
    }

    /// The entry of a Bundle kept whole whose resource holds a value. They are in ascending order.
    private func innerEntry(around value: Int) -> BundleEntry? {
        var (low, high) = (0, inner.count)
        while low < high {
            let middle = (low + high) / 2
            if (inner[middle].resource ?? 0) < value { low = middle + 1 } else { high = middle }
        }
        guard low > 0, let resource = inner[low - 1].resource,
            value < Int(document.tokens[resource].next)
        else { return nil }
        return inner[low - 1]
    }

    /// The innermost object around a value.
    private func enclosingObject(of value: Int, from first: Int) -> Int? {
        (first..<value).reversed().first { i in
            document.tokens[i].kind == .object && Int(document.tokens[i].next) > value
        }
    }

    private mutating func collectCodes(_ value: Int, _ walk: inout ResourceWalk) {
        var k = value
        let end = Int(document.tokens[value].next)
        if document.tokens[value].kind == .array { k += 1 }
        while k < end {
            if document.tokens[k].kind == .object, let coding = coding(at: k), walk.codes.insert(coding) {
                walk.metaBytes += coding.system.utf8.count + coding.code.utf8.count + 2
            }
            k = Int(document.tokens[k].next)
        }
    }

    private mutating func coding(at object: Int) -> Coding? {
        guard let code = document.member(.code, of: object), document.tokens[code].kind == .string else {
            return nil
        }
        var system = ""
        if let value = document.member(.system, of: object), document.tokens[value].kind == .string {
            let token = document.tokens[value]
            // Through a constant: the bytes are read while the table of systems changes.
            let bytes = document.bytes
            system =
                token.isEscaped ? document.string(value) : codeSystems.string(bytes.span.bytes, token.inner)
        }
        return Coding(system: system, code: document.string(code))
    }

    /// The codings of a CodeableConcept.
    func codings(of concept: Int) -> [Coding] {
        document.objects(in: document.member(.coding, of: concept)).compactMap { object in
            document.stringMember(.code, of: object).map { code in
                Coding(system: document.stringMember(.system, of: object) ?? "", code: code)
            }
        }
    }
}
