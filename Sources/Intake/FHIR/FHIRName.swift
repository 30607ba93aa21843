/// The member names of FHIR R4 that intake knows. All others are passed over, and kept.
enum FHIRName: Int, CaseIterable, Sendable {
    case reference, coding, valueCoding, system, code, resourceType, id, meta, lastUpdated, status
    case verificationStatus, clinicalStatus, category, identifier, communication, maritalStatus,
        interpretation
    case contained, link, type, specimen, subject, patient, text, generalPractitioner, contact, birthDate,
        name
    case use, family, given, deceasedBoolean, deceasedDateTime, value, assigner, `extension`, url
    case security, valueCodeableConcept, timestamp, entry, resource, fullUrl, request, method
    // When it was clinically true: the first of these that a resource has. A Period counts by its start.
    case effectiveDateTime, effectiveInstant, effectivePeriod, performedDateTime, performedPeriod
    case occurrenceDateTime, occurrencePeriod, onsetDateTime, onsetPeriod, started, start, period,
        whenHandedOver
    case authoredOn, dateTime, authored, recordedDate, dateAsserted, created, date, issued, recorded, sent

    static let table = NameTable(allCases.map { String(describing: $0) })

    /// Smaller is better; nil for a name that says nothing about it.
    var effectiveRank: Int? { rawValue >= Self.effectiveDateTime.rawValue ? rawValue : nil }

    /// Top-level members whose codes say nothing that an exclusion set or a label is about; a meta's `security` does all the same.
    var hidesCodes: Bool {
        switch self {
        case .meta, .category, .verificationStatus, .clinicalStatus, .communication, .maritalStatus,
            .interpretation, .identifier:
            true
        default: false
        }
    }
}

extension JSONDocument {
    /// The known name of a key token.
    @inline(__always) func fhirName(_ index: Int) -> FHIRName? {
        let token = tokens[index]
        if token.isEscaped { return FHIRName.table.find(text(index)).flatMap(FHIRName.init(rawValue:)) }
        let found = FHIRName.table.find(bytes.span.bytes, token.inner.lowerBound, count: token.inner.count)
        return found.flatMap(FHIRName.init(rawValue:))
    }

    /// The value of an object's member with a known name.
    func member(_ name: FHIRName, of index: Int) -> Int? {
        guard tokens[index].kind == .object else { return nil }
        let end = Int(tokens[index].next)
        let table = FHIRName.table
        let raw = bytes.span.bytes
        var i = index + 1
        while i < end {
            let key = tokens[i]
            if key.isEscaped {
                if fhirName(i) == name { return i + 1 }
            } else if table.isName(name.rawValue, raw, key.inner.lowerBound, count: key.inner.count) {
                return i + 1
            }
            i = Int(tokens[i + 1].next)
        }
        return nil
    }

    /// The characters of an object's string member, where it has one.
    func stringMember(_ name: FHIRName, of index: Int) -> String? {
        guard let value = member(name, of: index), tokens[value].kind == .string else { return nil }
        return string(value)
    }

    func stringMember(_ name: String, of index: Int) -> String? {
        guard let value = member(name, of: index), tokens[value].kind == .string else { return nil }
        return string(value)
    }

    /// Tape indices of an array's elements that are objects; none for any other value.
    func objects(in index: Int?) -> [Int] {
        guard let index, tokens[index].kind == .array else { return [] }
        return children(of: index).filter { tokens[$0].kind == .object }
    }
}
