/// References: which resource each names, what it becomes, and whether it names a patient.
extension FHIRMessageReader {
    /// What a reference's characters come to.
    enum Resolution {
        /// A resource of the message, by its entry's number.
        case entry(Int, suffix: [UInt8])
        /// A resource of the source that the message does not hold.
        case local(ReferenceTarget, suffix: [UInt8])
        /// Nothing in the message or in Daybook: stays as it is.
        case foreign
        /// The same, and it names a Patient.
        case foreignPatient
        /// `urn:…` or a search that nothing in the message answers to.
        case unresolved
        /// A search for a Patient that nothing in the message answers to.
        case unresolvedPatient
    }

    mutating func reference(
        _ value: Int, inside first: Int, _ walk: inout ResourceWalk
    ) throws(FHIRFault) {
        let isMention = value >= walk.linkUntil
        let found: Resolution
        if document.tokens[value].isEscaped {
            let text = document.text(value)
            found = try resolve(text.span.bytes, 0..<text.count, at: value)
        } else {
            let range = document.tokens[value].inner
            if document.bytes[range].contains(UInt8(ascii: "?")) {
                found = try resolveSearch(document.text(value))
            } else {
                found = try resolve(document.bytes.span.bytes, range, at: value)
            }
        }
        switch found {
        case .entry(let number, let suffix):
            try rewrite(value, known(number).target, suffix, isMention, &walk)
        case .local(let target, let suffix): try rewrite(value, target, suffix, isMention, &walk)
        case .foreign: break
        case .foreignPatient:
            if isMention { throw elsewhere(value) }
        case .unresolved:
            let isSubject = walk.top == .subject || walk.top == .patient
            if isMention, isSubject, document.tokens[first].kind == .object { throw unanswered(value) }
        case .unresolvedPatient:
            if isMention { throw unanswered(value) }
        }
    }

    private func unanswered(_ value: Int) -> FHIRFault {
        FHIRFault(
            .patientUnresolved, at: value,
            """
            "\(document.string(value).prefix(100))" is not in the message, so nothing tells whose this is: send \
            the patient along, or refer to Patient/ and the patient's id
            """)
    }

    func known(_ number: Int) -> BundleEntry { isOpaque ? inner[number] : entries[number] }

    private func elsewhere(_ value: Int) -> FHIRFault {
        FHIRFault(
            .patientElsewhere, at: value,
            """
            "\(document.string(value).prefix(100))" is a patient of another server: refer to Patient/ and the \
            id the patient has here, or send the patient along under that fullUrl
            """)
    }

    private mutating func rewrite(
        _ value: Int, _ target: ReferenceTarget, _ suffix: [UInt8], _ isMention: Bool,
        _ walk: inout ResourceWalk
    ) throws(FHIRFault) {
        if target.isPatient, isMention { try name(patient: target.sourceID, at: value) }
        walk.cite(target.text)
        guard !isOpaque else { return }
        let insertion = suffix.isEmpty ? target.reference : target.reference + suffix
        walk.replace(document.tokens[value].inner, with: insertion, in: document)
    }

    /// Resolves anything but a search.
    func resolve(_ raw: RawSpan, _ range: Range<Int>, at value: Int) throws(FHIRFault) -> Resolution {
        guard let first = range.first, JSONBytes.byte(raw, first) != UInt8(ascii: "#") else {
            return .foreign
        }
        if let number = index.find(raw, range) { return .entry(number, suffix: []) }
        if let local = try local(raw, range, at: value) { return local }
        let text = JSONBytes.array(raw, range)
        if text.starts(with: "urn:".utf8) { return .unresolved }
        let plain = Self.withoutVersion(text)
        let suffix = Array(text[plain.count...])
        if !suffix.isEmpty, let number = index.find(plain) { return .entry(number, suffix: suffix) }
        for base in bases where text.starts(with: base) {
            let rest = Array(text.dropFirst(base.count))
            if let local = try local(rest.span.bytes, 0..<rest.count, at: value) { return local }
        }
        if let (type, _) = Self.typeAndID(plain), type.elementsEqual("Patient".utf8), text.contains(0x3A) {
            return .foreignPatient
        }
        return .foreign
    }

    /// `Type/id` or `Type/id/_history/version`, with a type of FHIR R4.
    private func local(_ raw: RawSpan, _ range: Range<Int>, at value: Int) throws(FHIRFault) -> Resolution? {
        guard let slash = JSONBytes.first(Self.slash, raw, range),
            ResourceTypes.table.find(raw, range.lowerBound, count: slash - range.lowerBound) != nil
        else { return nil }
        let end = JSONBytes.first(Self.slash, raw, slash + 1..<range.upperBound)
        let id = JSONBytes.array(raw, slash + 1..<(end ?? range.upperBound))
        var suffix: [UInt8] = []
        if let end {
            suffix = JSONBytes.array(raw, end..<range.upperBound)
            let history = Array("/_history/".utf8)
            guard suffix.starts(with: history), suffix.count > history.count,
                suffix.dropFirst(history.count).allSatisfy(FHIRIntake.isIDByte)
            else { return nil }
        }
        let type = JSONBytes.array(raw, range.lowerBound..<slash)
        guard intake.isAcceptableID(id) else {
            guard type.elementsEqual("Patient".utf8) else { return nil }
            throw FHIRFault(.invalidValue, at: value, "this is no patient's id")
        }
        return .local(intake.target(type: type, id: id), suffix: suffix)
    }

    /// A conditional reference, `Type?identifier=system|value`.
    private mutating func resolveSearch(_ text: [UInt8]) throws(FHIRFault) -> Resolution {
        if conditional == nil { conditional = identifierIndex() }
        let plain = Self.percentDecoded(text)
        if let number = conditional?.find(plain), number >= 0 { return .entry(number, suffix: []) }
        if text.starts(with: "Patient?".utf8) { return .unresolvedPatient }
        return .unresolved
    }

    /// Identifiers that two entries share answer to nothing (-1).
    private func identifierIndex() -> ReferenceIndex {
        var owners: [[UInt8]: Int] = [:]
        let all = isOpaque ? inner : entries
        for (number, entry) in all.enumerated() {
            guard let resource = entry.resource, let value = document.member(.identifier, of: resource) else {
                continue
            }
            let isArray = document.tokens[value].kind == .array
            for identifier in isArray ? document.objects(in: value) : [value] {
                guard let text = document.stringMember(.value, of: identifier) else { continue }
                let system = document.stringMember(.system, of: identifier) ?? ""
                let key = entry.type + Array("?identifier=\(system)|\(text)".utf8)
                owners[key] = owners[key, default: number] == number ? number : -1
            }
        }
        var out = ReferenceIndex(expecting: owners.count)
        for (key, number) in owners { _ = out.insert(key, number) }
        return out
    }

    static func percentDecoded(_ text: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var i = 0
        while i < text.count {
            if text[i] == UInt8(ascii: "%"), i + 2 < text.count,
                let byte = UInt8(String(decoding: text[i + 1...i + 2], as: UTF8.self), radix: 16)
            {
                out.append(byte)
                i += 3
            } else {
                out.append(text[i])
                i += 1
            }
        }
        return out
    }

    /// A patient given by identifier, without a reference.
    mutating func noteLogical(_ value: Int, isPatient: Bool) {
        guard logicalPatient == nil, document.tokens[value].kind == .object,
            document.member(.reference, of: value) == nil,
            let identifier = document.member(.identifier, of: value)
        else { return }
        let isNHS = document.stringMember(.system, of: identifier) == intake.nhsNumberSystem
        if isPatient || isNHS || document.stringMember(.type, of: value) == "Patient" {
            logicalPatient = value
        }
    }
}
