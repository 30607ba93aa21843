import CareRecord
import HL7
import Wire

/// ADT: admissions, discharges, transfers, and who is who.
extension HL7MessageReader {
    mutating func readADT() throws(HL7Fault) {
        let code = trigger.split(separator: "^").dropFirst().first.map(String.init) ?? ""
        guard let event = ADTEvent(rawValue: code) else { throw notTaken() }
        switch event {
        case .link, .unlink: try readPair(event)
        case .merge: try readMerge()
        case .deletePerson:
            try readPatient(try onlyPatient(), describes: false)
            events.append(.review(.deletePerson, subject, nil))
            addCare(.over)
        default: try readPerson(event)
        }
    }

    private mutating func readPerson(_ event: ADTEvent) throws(HL7Fault) {
        let pid = try onlyPatient()
        // A patient who died is that whatever the event.
        let describes = event.describesPerson || pid.field(30).words?.uppercased() == "Y"
        try readPatient(pid, describes: describes)
        try addPatient(pid, describes: describes)
        try addNextOfKin()
        if event == .addPerson || event == .updatePerson { addCare(.open(until: nil)) }
        let visit = try readVisit(event)
        try addAllergies()
        try addAlerts()
        try addDiagnoses(visit)
        try addProcedures(visit)
    }

    /// When the event was: EVN-6, else EVN-2, else when the message was sent.
    var happened: HL7Moment? {
        let evn = segment("EVN")
        return evn.flatMap { moment($0.field(6)) ?? moment($0.field(2)) } ?? moment(message.header.field(7))
    }

    // MARK: Two patients

    /// A24 and A37: two PIDs.
    private mutating func readPair(_ event: ADTEvent) throws(HL7Fault) {
        let pids = message.segments.filter { $0.isNamed("PID") }
        guard pids.count == 2 else {
            throw HL7Fault(
                .badMerge, at: "PID",
                "\(trigger) names two patients, in two PIDs: there \(pids.count == 1 ? "is 1" : "are \(pids.count)")"
            )
        }
        let other = try subject(of: identify(pids[1]), pids[1])
        try readPatient(pids[0], describes: false)
        guard other != subject else { throw sameTwice(pids[1], 3) }
        if event == .unlink {
            events.append(.unlinked(subject, other))
        } else if namesMother(pids[0], other) || namesMother(pids[1], subject) {
            events.append(.review(.motherAndBaby, subject, other))
        } else if let first = birthDate(pids[0]), let second = birthDate(pids[1]), first != second {
            events.append(.review(.birthDatesDiffer, subject, other))
        } else {
            events.append(.linked(subject, other, otherBorn: birthDate(pids[1])))
        }
    }

    private func sameTwice(_ segment: HL7Segment, _ field: Int) -> HL7Fault {
        HL7Fault(.badMerge, at: segment.path(field: field), "it names the same patient twice")
    }

    /// PID-21: whether the mother's identifier is the other's.
    private func namesMother(_ pid: HL7Segment, _ other: SubjectID) -> Bool {
        let mother = PatientIdentifiers([pid.field(21)])
        return mother.locals.contains {
            $0.value == other.localID || $0.localID(at: intake.source) == other.localID
        }
            || mother.numbers.contains(other.localID)
    }

    /// A40: PID-3 survives, MRG-1 retires, each of the same authority and type.
    private mutating func readMerge() throws(HL7Fault) {
        let pid = try onlyPatient()
        let merges = message.segments.filter { $0.isNamed("MRG") }
        guard let mrg = merges.first else {
            throw HL7Fault(.missingSegment, at: "MRG", "there is no MRG: which identifier is retired?")
        }
        try readPatient(pid, describes: false)
        let survivors = try identify(pid)
        for mrg in merges {
            let retired = PatientIdentifiers([mrg.field(1)])
            for old in retired.own { try retire(old, survivors, pid, mrg) }
        }
        guard !events.isEmpty else {
            throw HL7Fault(.badMerge, at: mrg.path(field: 1), "no local identifier is retired")
        }
    }

    private mutating func retire(
        _ old: PatientIdentifiers.Local, _ survivors: PatientIdentifiers, _ pid: HL7Segment, _ mrg: HL7Segment
    ) throws(HL7Fault) {
        let same = survivors.own.first { $0.authority == old.authority && $0.type == old.type }
        // An identifier that says neither kind nor authority is of the kind that goes first.
        let isBare = old.authority.isEmpty && old.type.isEmpty
        guard let new = same ?? (isBare ? survivors.own.first : nil) else {
            throw HL7Fault(
                .badMerge, at: mrg.path(field: 1),
                "\(old.value) is retired, and PID-3 has no identifier of the same authority and type that survives"
            )
        }
        let survivor = SubjectID(organisation: intake.source, localID: new.localID(at: intake.source))
        let retired = SubjectID(organisation: intake.source, localID: old.localID(at: intake.source))
        guard survivor != retired else { throw sameTwice(mrg, 1) }
        guard survivor.isWellFormed, retired.isWellFormed else {
            throw HL7Fault(.badMerge, at: mrg.path(field: 1), "an identifier is too long")
        }
        if namesMother(pid, retired) {
            events.append(.review(.motherAndBaby, survivor, retired))
        } else {
            events.append(.merged(survivor: survivor, retired: retired))
        }
    }
}
