import CareRecord
import HL7
import Wire

/// Whom a message is about: PID, PD1 and what they assert.
extension HL7MessageReader {
    /// Reads who the patient is, and asserts it.
    ///
    /// - Parameter describes: whether the segment tells how the patient is, beyond who.
    mutating func readPatient(_ pid: HL7Segment, describes: Bool) throws(HL7Fault) {
        let identifiers = try identify(pid)
        subject = try subject(of: identifiers, pid)
        let status = pid.field(32).repetitions.compactMap(\.words).first { $0.uppercased().hasPrefix("NSTS") }
        let isVerified = status?.uppercased() == "NSTS01"
        let stated = identifiers.numbers.compactMap { NHSNumber($0) }.map {
            PatientAssertion.Number($0, verified: isVerified)
        }
        let name = official(pid)
        assertion = PatientAssertion(
            numbers: stated, birthDate: birthDate(pid),
            family: name?.component(1).subcomponent(1).words,
            given: name.map { name in [2, 3].compactMap { name.component($0).words } } ?? [],
            localIdentifiers: identifiers.own.dropFirst().map { $0.localID(at: intake.source) }.filter {
                $0 != subject.localID
            },
            deceased: deceased(pid), asserted: describes ? asserted : Self.identification)
    }

    func identify(_ pid: HL7Segment) throws(HL7Fault) -> PatientIdentifiers {
        if let identified, identified.segment == pid.number { return identified.1 }
        // PID-2 and PID-4 are where old versions put what PID-3 has no room for.
        let identifiers = PatientIdentifiers([pid.field(3)])
        if !identifiers.isEmpty { return identifiers }
        let older = PatientIdentifiers([pid.field(3), pid.field(2), pid.field(4)])
        guard !older.isEmpty else {
            throw HL7Fault(
                .noPatient, at: pid.path(field: 3),
                "there is no identifier of the patient: which patient is it about?")
        }
        return older
    }

    func subject(of identifiers: PatientIdentifiers, _ segment: HL7Segment) throws(HL7Fault) -> SubjectID {
        guard let subject = identifiers.subject(at: intake.source), subject.isWellFormed else {
            throw HL7Fault(
                .noPatient, at: segment.path(field: segment.isNamed("MRG") ? 1 : 3),
                "the patient's identifier is longer than \(SubjectID.maximumLocalIDBytes) bytes")
        }
        return subject
    }

    /// The message's PID.
    ///
    /// - Throws: `noPatient` where it has none, `twoPatients` where it is about several.
    mutating func onlyPatient() throws(HL7Fault) -> HL7Segment {
        let all = message.segments.filter { $0.isNamed("PID") }
        guard let first = all.first else {
            throw HL7Fault(.noPatient, at: "PID", "there is no PID: which patient is it about?")
        }
        let identifiers = try identify(first)
        identified = (first.number, identifiers)
        let subject = try subject(of: identifiers, first)
        for other in all.dropFirst() {
            let second = try self.subject(of: identify(other), other)
            guard second == subject else {
                throw HL7Fault(
                    .twoPatients, at: other.path(field: 3),
                    "the message is about two patients, \(subject.localID) and \(second.localID): send one message for each"
                )
            }
        }
        return first
    }

    private func official(_ pid: HL7Segment) -> HL7Value? {
        let names = pid.field(5).repetitions.filter(\.isValued)
        return names.first { $0.component(7).words?.uppercased() == "L" } ?? names.first
    }

    /// A birth date is a day, whatever the time beside it, and never shifted.
    func birthDate(_ pid: HL7Segment) -> String? {
        guard var time = HL7Time(pid.field(7).component(1).trimmed) else { return nil }
        time.precision = min(time.precision, .day)
        return HL7Moment(time, intake.calendar)?.text
    }

    private func deceased(_ pid: HL7Segment) -> String? {
        if let when = moment(pid.field(29)), pid.field(30).words?.uppercased() != "N" { return when.text }
        return pid.field(30).words?.uppercased() == "Y" ? "true" : nil
    }

    /// The Patient resource of a PID, with the practice of PD1.
    mutating func addPatient(_ pid: HL7Segment, describes: Bool) throws(HL7Fault) {
        var patient = resource("Patient", subject.localID)
        patient.set("identifier", patientIdentifiers(pid))
        let names = pid.field(5).repetitions + pid.field(9).repetitions
        patient.set("name", names.compactMap { HL7People.name($0) })
        let telecom =
            pid.field(13).repetitions.compactMap { HL7People.telecom($0) }
            + pid.field(14).repetitions.compactMap { HL7People.telecom($0, work: true) }
        patient.set("telecom", telecom)
        patient.set("gender", pid.field(8).component(1).words.flatMap { HL7Codes.gender($0) })
        patient.set("birthDate", birthDate(pid))
        switch deceased(pid) {
        case "true": patient.set("deceasedBoolean", .flag(true))
        case .some: patient.set("deceasedDateTime", moment(pid.field(29)))
        case nil: if pid.field(30).words?.uppercased() == "N" { patient.set("deceasedBoolean", .flag(false)) }
        }
        patient.set("address", pid.field(11).repetitions.compactMap { HL7People.address($0) })
        patient.set("maritalStatus", HL7Concept.concept(pid.field(16), table: HL7Codes.v3("MaritalStatus")))
        if let order = pid.field(25).words, let number = Int(order), number > 0, number < 20 {
            patient.set("multipleBirthInteger", .number(Array(String(number).utf8)))
        } else if let several = pid.field(24).words?.uppercased(), several == "Y" || several == "N" {
            patient.set("multipleBirthBoolean", .flag(several == "Y"))
        }
        if let language = HL7Concept.concept(pid.field(15), table: "urn:ietf:bcp:47") {
            var communication = FHIRObject()
            communication.set("language", language)
            patient.set("communication", [communication])
        }
        let practice = practice()
        patient.set("generalPractitioner", practice)
        try add(
            patient, id: subject.localID, category: .demographics,
            asserted: describes ? nil : Self.identification, isSplit: !practice.isEmpty)
    }

    private func patientIdentifiers(_ pid: HL7Segment) -> [FHIRObject] {
        guard let identifiers = try? identify(pid) else { return [] }
        let status = pid.field(32).repetitions.compactMap(\.words).first { $0.uppercased().hasPrefix("NSTS") }
        var out: [FHIRObject] = []
        for number in identifiers.numbers {
            var identifier = FHIRObject()
            if let status {
                var concept = FHIRObject()
                concept.set(
                    "coding", [.coding(Self.verificationSystem, String(status.dropFirst(4)))])
                identifier.set(
                    "extension", [.ext(Self.verificationURL, "valueCodeableConcept", .object(concept))])
            }
            identifier.set("system", intake.nhsNumberSystem)
            identifier.set("value", NHSNumber(number)?.description ?? number)
            out.append(identifier)
        }
        for local in identifiers.locals {
            var identifier = FHIRObject()
            if !local.type.isEmpty { identifier.set("type", .concept(HL7Codes.table(203), local.type)) }
            identifier.set("system", local.system ?? HL7Codes.named(intake.source))
            identifier.set("value", local.value)
            out.append(identifier)
        }
        return out
    }

    static let verificationURL =
        "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    static let verificationSystem =
        "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"

    /// PD1-3 and PD1-4: the practice and the general practitioner.
    private func practice() -> [FHIRObject] {
        guard let pd1 = segment("PD1") else { return [] }
        let practices = pd1.field(3).repetitions.compactMap {
            HL7People.organisation($0, odsSystem: Self.odsSystem)
        }
        return practices + pd1.field(4).repetitions.compactMap { HL7People.person($0) }
    }

    static let odsSystem = "https://fhir.nhs.uk/Id/ods-organization-code"

    /// NK1: each a RelatedPerson, known by who they are to the patient.
    mutating func addNextOfKin() throws(HL7Fault) {
        for nk1 in message.segments where nk1.isNamed("NK1") {
            let name = nk1.field(2).repetitions.compactMap { HL7People.name($0) }
            let relations = [nk1.field(3), nk1.field(7)].compactMap {
                HL7Concept.concept($0, table: HL7Codes.table(63))
            }
            if name.isEmpty && relations.isEmpty { continue }
            let who = nk1.field(33).component(1).words ?? nk1.field(2).component(1).words ?? ""
            let given = nk1.field(33).isValued ? "" : nk1.field(2).component(2).words ?? ""
            let id = unused(
                "nk-\(subject.localID)-\(who)-\(given)-\(nk1.field(3).component(1).words ?? "")",
                "RelatedPerson")
            var person = resource("RelatedPerson", id)
            person.set("patient", patientReference)
            person.set("relationship", relations)
            person.set("name", name)
            let telecom =
                nk1.field(5).repetitions.compactMap { HL7People.telecom($0) }
                + nk1.field(6).repetitions.compactMap { HL7People.telecom($0, work: true) }
            person.set("telecom", telecom)
            person.set("gender", nk1.field(15).component(1).words.flatMap { HL7Codes.gender($0) })
            person.set("address", nk1.field(4).repetitions.compactMap { HL7People.address($0) })
            let period = FHIRObject.period(moment(nk1.field(8)), moment(nk1.field(9)))
            person.set("period", period)
            try add(person, id: id, category: .nextOfKin)
        }
    }
}
