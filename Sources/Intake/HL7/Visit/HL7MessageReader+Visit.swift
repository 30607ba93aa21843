import CareRecord
import HL7
import Wire

/// A visit: PV1 and PV2 as an Encounter, and what it makes of the patient's relationship with the hospital.
extension HL7MessageReader {
    /// - Returns: the Encounter's reference; nil where the message is about no visit.
    mutating func readVisit(_ event: ADTEvent) throws(HL7Fault) -> String? {
        guard let kind = event.visit else { return nil }
        guard let pv1 = segment("PV1") else {
            guard event.needsVisit else { return nil }
            throw HL7Fault(.missingSegment, at: "PV1", "\(trigger) is about a visit, and there is no PV1")
        }
        // Class N: not applicable.
        if pv1.field(2).component(1).words?.uppercased() == "N" { return nil }
        let visit = Visit(reader: self, pv1: pv1, kind: kind, event: event)
        try add(
            visit.encounter, id: visit.key.id, category: .encounters, effective: visit.admitted ?? visit.over)
        if let change = visit.change { events.append(.visit(change)) }
        return "Encounter/\(daybookID("Encounter", visit.key.id))"
    }

    /// The visit that a message refers to, without telling about it.
    func visitReference() -> FHIRObject? {
        guard let pv1 = segment("PV1"), pv1.field(19).isValued else { return nil }
        let key = VisitKey(pv1, nil, patient: subject, admitted: nil, bounded)
        return .reference("Encounter/\(daybookID("Encounter", key.id))")
    }
}

/// One message's view of a visit.
private struct Visit {
    let reader: HL7MessageReader
    let pv1: HL7Segment
    let kind: ADTEvent.Visit
    let event: ADTEvent
    let key: VisitKey
    let admitted: HL7Moment?
    /// When it ended, where it has.
    let over: HL7Moment?

    init(reader: HL7MessageReader, pv1: HL7Segment, kind: ADTEvent.Visit, event: ADTEvent) {
        (self.reader, self.pv1, self.kind, self.event) = (reader, pv1, kind, event)
        admitted = reader.moment(pv1.field(44))
        key = VisitKey(
            pv1, reader.segment("PID"), patient: reader.subject, admitted: admitted,
            reader.bounded)
        switch kind {
        case .ends: over = reader.moment(pv1.field(45)) ?? reader.happened
        case .opens, .goesOn: over = event.speaksOfNoDischargeYet ? nil : reader.moment(pv1.field(45))
        case .planned, .neverWas: over = nil
        }
    }

    private var patientClass: String { pv1.field(2).component(1).words ?? "" }

    private var status: String {
        switch kind {
        case .neverWas: return "cancelled"
        case .ends: return "finished"
        case .planned: return "planned"
        case .opens, .goesOn:
            if over != nil { return "finished" }
            if patientClass.uppercased() == "P" { return "planned" }
            return event == .arriving ? "arrived" : "in-progress"
        }
    }

    // MARK: The relationship

    var change: VisitChange? {
        let state: RelationshipState
        switch status {
        case "cancelled": state = .neverWas
        case "planned": return nil
        case "finished": state = over.map { .ended($0.instant) } ?? .open(until: nil)
        default: state = .open(until: attendanceEnd)
        }
        return VisitChange(
            visit: key.id, state: state,
            from: admitted?.instant ?? (kind == .opens ? reader.happened?.instant : nil),
            opens: kind == .opens, event: reader.trigger)
    }

    /// An outpatient attends for a day, and few systems tell when they have gone.
    private var attendanceEnd: Instant? {
        guard patientClass.uppercased() == "O" else { return nil }
        let days = [admitted, reader.happened].compactMap { $0?.instant }.map {
            reader.intake.calendar.date(of: $0)
        }
        return days.max().map { reader.intake.calendar.end(of: $0) }
    }

    // MARK: The resource

    var encounter: FHIRObject {
        var out = reader.resource("Encounter", key.id)
        if let number = key.number {
            var identifier = FHIRObject()
            identifier.set("type", .concept(HL7Codes.table(203), "VN", display: "Visit number"))
            identifier.set(
                "system", HL7People.authority(number.component(4)) ?? HL7Codes.named(reader.intake.source))
            identifier.set("value", number.component(1).words)
            out.set("identifier", [identifier])
        }
        out.setStatus(status)
        out.set("class", HL7Codes.encounterClass(patientClass))
        out.set("type", [HL7Concept.concept(pv1.field(4), table: HL7Codes.table(7))].compactMap(\.self))
        out.set("serviceType", HL7Concept.concept(pv1.field(10), table: HL7Codes.table(69)))
        let pv2 = reader.segment("PV2")
        out.set("priority", pv2.flatMap { HL7Concept.concept($0.field(25), table: HL7Codes.table(217)) })
        out.set("subject", reader.patientReference)
        out.set("participant", participants)
        out.set("period", FHIRObject.period(admitted, over))
        out.set("reasonCode", [pv2.flatMap { HL7Concept.concept($0.field(3)) }].compactMap(\.self))
        out.set("hospitalization", hospitalization)
        out.set("location", locations)
        return out
    }

    private var participants: [FHIRObject] {
        let roles: [(Int, String, String)] = [
            (7, "ATND", "attender"), (8, "REF", "referrer"), (9, "CON", "consultant"),
            (17, "ADM", "admitter"),
        ]
        return roles.flatMap { field, code, display in
            pv1.field(field).repetitions.compactMap { HL7People.person($0) }.map { person in
                var out = FHIRObject()
                out.set("type", [.concept(HL7Codes.v3("ParticipationType"), code, display: display)])
                out.set("individual", person)
                return out
            }
        }
    }

    private var hospitalization: FHIRObject {
        var out = FHIRObject()
        if pv1.field(5).component(1).words != nil {
            var identifier = FHIRObject()
            identifier.set("system", HL7People.authority(pv1.field(5).component(4)))
            identifier.set("value", pv1.field(5).component(1).words)
            out.set("preAdmissionIdentifier", identifier)
        }
        out.set("admitSource", HL7Concept.concept(pv1.field(14), table: HL7Codes.table(23)))
        out.set("reAdmission", HL7Concept.concept(pv1.field(13), table: HL7Codes.table(92)))
        if !event.speaksOfNoDischargeYet {
            out.set("dischargeDisposition", HL7Concept.concept(pv1.field(36), table: HL7Codes.table(112)))
        }
        return out
    }

    private var locations: [FHIRObject] {
        let isOver = status == "finished"
        let now = isOver ? "completed" : status == "planned" ? "planned" : "active"
        let cancelled = status == "cancelled"
        let places: [(Int, String)] = [(3, now), (6, "completed"), (11, now), (42, "planned")]
        return places.compactMap { field, status in
            guard let place = HL7People.place(pv1.field(field)) else { return nil }
            // A cancelled transfer tells in PV1-6 of the bed that the patient never left for.
            if field == 6, event == .cancelTransfer { return nil }
            var location = FHIRObject()
            location.set("display", place)
            var out = FHIRObject()
            out.set("location", location)
            out.set("status", cancelled ? nil : status)
            return out
        }
    }
}
