import CareRecord
import Wire

/// Reads who a Patient resource says the patient is.
struct PatientReader {
    let document: JSONDocument
    let intake: FHIRIntake

    /// Identifiers of one patient that linking looks at, and parts of a name.
    static let maximumIdentifiers = 200
    static let maximumNameParts = 50
    /// Bytes of each string that identity rests on.
    static let maximumBytes = 1_000

    /// - Throws: a fault where a member that identity rests on has another form than FHIR R4 gives it.
    mutating func assertion(
        _ resource: Int, sourceID: [UInt8], asserted: Instant?
    ) throws(FHIRFault) -> PatientAssertion {
        var out = PatientAssertion(asserted: asserted)
        out.birthDate = try string(.birthDate, of: resource)
        let identifiers = try objects(.identifier, of: resource)
        guard identifiers.count <= Self.maximumIdentifiers else {
            throw FHIRFault(
                .tooLarge, at: resource,
                "\(identifiers.count) identifiers: at most \(Self.maximumIdentifiers) of one patient are taken"
            )
        }
        for identifier in identifiers {
            try read(identifier, sourceID: sourceID, into: &out)
        }
        if let name = try bestName(resource) {
            out.family = try string(.family, of: name)
            if let given = document.member(.given, of: name) {
                guard document.tokens[given].kind == .array else { throw wrong(given, "an array of strings") }
                let parts = document.children(of: given).filter { document.tokens[$0].kind == .string }
                for part in parts.prefix(Self.maximumNameParts) { out.given.append(try bounded(part)) }
            }
        }
        if let died = try string(.deceasedDateTime, of: resource) {
            out.deceased = died
        } else if let dead = document.member(.deceasedBoolean, of: resource) {
            switch document.tokens[dead].kind {
            case .true: out.deceased = "true"
            case .false: break
            default: throw wrong(dead, "true or false")
            }
        }
        return out
    }

    private func read(
        _ identifier: Int, sourceID: [UInt8], into out: inout PatientAssertion
    ) throws(FHIRFault) {
        guard let value = try string(.value, of: identifier),
            document.stringMember(.use, of: identifier) != "old"
        else { return }
        if try string(.system, of: identifier) == intake.nhsNumberSystem {
            guard let number = NHSNumber(value), !out.numbers.contains(where: { $0.number == number }) else {
                return
            }
            out.numbers.append(.init(number, verified: isVerified(identifier)))
        } else if isOwnRecordNumber(identifier), !value.utf8.elementsEqual(sourceID),
            !out.localIdentifiers.contains(value)
        {
            out.localIdentifiers.append(value)
        }
    }

    /// UK Core NHSNumberVerificationStatus `01` (number present and verified), in any of its code systems.
    private func isVerified(_ identifier: Int) -> Bool {
        document.objects(in: document.member(.extension, of: identifier)).contains { item in
            guard document.stringMember(.url, of: item)?.contains("NHSNumberVerificationStatus") == true,
                let concept = document.member(.valueCodeableConcept, of: item)
            else { return false }
            return document.objects(in: document.member(.coding, of: concept)).contains {
                document.stringMember(.code, of: $0) == "01"
            }
        }
    }

    /// A medical record number (v2-0203 `MR`) that no other organisation assigned.
    private func isOwnRecordNumber(_ identifier: Int) -> Bool {
        guard let type = document.member(.type, of: identifier),
            document.objects(in: document.member(.coding, of: type))
                .contains(where: { document.stringMember(.code, of: $0) == "MR" })
        else { return false }
        guard let assigner = document.member(.assigner, of: identifier),
            let by = document.member(.identifier, of: assigner),
            let code = document.stringMember(.value, of: by)
        else { return true }
        return code == intake.source
    }

    /// The official name, else the usual one, else the first that is not an old or maiden one.
    private func bestName(_ resource: Int) throws(FHIRFault) -> Int? {
        let names = try objects(.name, of: resource)
        let uses = names.map { document.stringMember(.use, of: $0) }
        for use in ["official", "usual"] {
            if let i = uses.firstIndex(of: use) { return names[i] }
        }
        let current = zip(names, uses).first { $0.1 != "old" && $0.1 != "maiden" && $0.1 != "anonymous" }
        return current?.0 ?? names.first
    }

    private func wrong(_ index: Int, _ expected: String) -> FHIRFault {
        FHIRFault(.invalidValue, at: index, "this must be \(expected)")
    }

    private func string(_ name: FHIRName, of index: Int) throws(FHIRFault) -> String? {
        guard let value = document.member(name, of: index) else { return nil }
        guard document.tokens[value].kind == .string else { throw wrong(value, "a string") }
        return try bounded(value)
    }

    private func bounded(_ value: Int) throws(FHIRFault) -> String {
        guard document.tokens[value].inner.count <= Self.maximumBytes else {
            throw wrong(value, "at most \(Self.maximumBytes) bytes")
        }
        return document.string(value)
    }

    private func objects(_ name: FHIRName, of index: Int) throws(FHIRFault) -> [Int] {
        guard let value = document.member(name, of: index) else { return [] }
        let all = document.children(of: value)
        guard document.tokens[value].kind == .array, all.allSatisfy({ document.tokens[$0].kind == .object })
        else { throw wrong(value, "an array of objects") }
        return all
    }
}
