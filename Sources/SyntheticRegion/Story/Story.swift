import Wire

/// One patient's spring: what the demo tells at its end. The rest of the region goes on around it.
public struct Story: Sendable {
    /// The number of the patient that it is about.
    static let patient = 0

    public let person: Person
    /// Looks before and after the laboratory corrects itself.
    public let consultant = "consultant-1"
    /// Breaks the glass for a patient who has collapsed.
    public let emergencyDoctor: String
    /// Breaks it at night, for no patient of hers.
    public let snooper: String
    public let caseReference = "CASE-2022-17"
    public let auditor = "auditor-1"
    /// Whom those who try the region can be.
    public let logIns: [LogIn]

    /// Names of the accesses, as the steps carry them.
    public enum Tag: String, Sendable, CaseIterable {
        case firstLook = "story-first-look"
        case secondLook = "story-second-look"
        case refused = "story-refused"
        case claimed = "story-claimed"
        case overridden = "story-overridden"
        case emergency = "story-emergency"
        case excluded = "story-excluded"
    }

    static let admission = Day(2022, 5, 10)
    static let night = Day(2022, 5, 21)
    static let collapse = Day(2022, 6, 8)
    static let complaint = Day(2022, 6, 13)
    static let retry = Day(2022, 6, 20)

    public static let firstLook = admission.at(10, 20)
    public static let claim = night.at(1, 34)
    public static let override = night.at(1, 40)

    init(seed: UInt64, staff: Staff) {
        person = Person(Self.patient, seed: seed)
        emergencyDoctor =
            staff.working(at: "R0D", on: Self.collapse, roles: ["R8000"], workgroup: "emergency").first?.id
            ?? "consultant-1"
        snooper =
            staff.working(at: "R0D", on: Self.night, roles: ["R8001"], workgroup: "emergency")
            .first { ($0.leavingRecorded ?? Day(Day.count)) > Self.retry }?.id ?? "nurse-1"
        let people = [
            ("gp-1", "GP", "GP of the patient"), (consultant, "CONSULTANT", "cardiologist"),
            (snooper, "SNOOPER", "nurse, excluded by the patient"), (auditor, "AUDITOR", "auditor"),
            ("privacy-1", "PRIVACY", "privacy officer"),
        ]
        logIns =
            people.map { LogIn(staff[$0.0], variable: $0.1, role: $0.2) }
            + [LogIn(user: nil, variable: "PATIENT", name: "\(person.given) \(person.family), the patient")]
    }

    /// The snooper's accesses, for the plan of the misuse.
    var misuse: [Misuse] {
        func one(_ tag: Tag, _ kind: Misuse.Kind, _ time: Instant, _ means: Misuse.Means, _ note: String)
            -> Misuse
        {
            Misuse(
                id: tag.rawValue, kind: kind, user: snooper, patient: person.nhs, time: time, means: means,
                note: note)
        }
        return [
            one(
                .refused, .withoutRelationship, Self.night.at(1, 31), .asTheyWere,
                "the patient's former partner"),
            one(.claimed, .selfClaim, Self.claim, .selfClaim, "the patient's former partner"),
            one(.overridden, .override, Self.override, .override, "the patient's former partner"),
            one(
                .excluded, .withoutRelationship, Self.retry.at(21, 5), .asTheyWere,
                "excluded by the patient since"),
        ]
    }

    func tell(_ day: Day, into simulation: inout Simulation) {
        var dice = Dice(seed: simulation.seed, .story, day.index)
        switch day {
        case Self.admission.adding(-1): consult(day, &simulation, &dice)
        case Self.admission: admit(day, &simulation, &dice)
        case Self.admission.adding(3): discharge(day, &simulation, &dice)
        case Self.collapse: collapse(day, &simulation, &dice)
        case Self.complaint: complain(day, &simulation)
        default: break
        }
    }

    private func consult(_ day: Day, _ simulation: inout Simulation, _ dice: inout Dice) {
        let time = day.at(9, 10)
        var bundle = FHIRBundle("ZZ101", person, at: time)
        bundle.putPatient(practice: "ZZ101", practiceName: "Quayside Surgery")
        for problem in [0, 3] {
            bundle.putProblem(problem, onset: day.adding(-700))
            bundle.putMedicine(problem, from: day.adding(-700))
        }
        bundle.putNoKnownAllergy()
        bundle.putBloodPressure("o-story", 148, 86, at: time)
        simulation.deliver(bundle, at: time.adding(minutes: 10))
        simulation.sheet.add(
            SharingFact(.relationshipCreated, id: "ref-story", person.nhs).with {
                ($0.org, $0.workgroup, $0.word) = ("RBD", "cardiology", "referral")
                ($0.from, $0.to, $0.evidence) = (
                    day.text, day.adding(60).text, "breathless; referred by telephone"
                )
            }, at: time.adding(minutes: 15))
        simulation.sheet.add(
            SharingFact(.permissionToView, person.nhs).with {
                ($0.org, $0.word, $0.duration) = ("RBD", "asked", "P84D")
            },
            at: time.adding(minutes: 16))
        simulation.sheet.add(Look("gp-1", person.nhs), at: time.adding(minutes: 20))
    }

    private func visit(
        _ ods: String, _ patientClass: String, _ ward: String, _ number: String, _ time: Instant
    ) -> HL7Message.Stay {
        HL7Message.Stay(patientClass: patientClass, ward: ward, number: number, admitted: time)
    }

    private func admit(_ day: Day, _ simulation: inout Simulation, _ dice: inout Dice) {
        let stay = visit("RBD", "I", "cardiology", "V0-STORY", day.at(7, 40))
        var admission = HL7Message(
            "ADT^A01", "RBD", person, at: day.at(7, 40), control: simulation.control("RBD"))
        admission.patient(.verified)
        admission.visit(stay)
        admission.diagnosis("I50.9", "Heart failure")
        simulation.deliver(admission, at: day.at(7, 45))
        for (hour, minute, status, potassium) in [(10, 5, "P", 68), (11, 45, "C", 42)] {
            let said = day.at(hour, minute)
            var report = HL7Message(
                "ORU^R01", "RBD", person, at: said, control: simulation.control("RBD-LAB"))
            report.patient(.verified)
            report.visit(stay)
            let panel = Vocabulary.panels[0]
            let values = zip(panel.analytes, [1380, potassium, 980]).map { analyte, tenths in
                HL7Message.Report.Value(
                    analyte: analyte, tenths: tenths,
                    status: status == "C" && tenths != potassium ? "F" : status)
            }
            report.report(
                HL7Message.Report(
                    order: "L0-STORY", code: panel.code, name: panel.name, taken: day.at(8, 30),
                    status: status, values: values,
                    note: status == "C" ? "First specimen haemolysed; repeated." : nil))
            simulation.deliver(report, at: said.adding(minutes: 2))
        }
        simulation.sheet.add(Look(consultant, person.nhs, tag: Tag.firstLook.rawValue), at: Self.firstLook)
        simulation.sheet.add(Look(consultant, person.nhs, tag: Tag.secondLook.rawValue), at: day.at(12))
    }

    private func discharge(_ day: Day, _ simulation: inout Simulation, _ dice: inout Dice) {
        var stay = visit("RBD", "I", "cardiology", "V0-STORY", Self.admission.at(7, 40))
        stay.discharged = day.at(14)
        var message = HL7Message("ADT^A03", "RBD", person, at: day.at(14), control: simulation.control("RBD"))
        message.patient(.verified)
        message.visit(stay)
        simulation.deliver(message, at: day.at(14, 5))
    }

    private func collapse(_ day: Day, _ simulation: inout Simulation, _ dice: inout Dice) {
        let time = day.at(15)
        simulation.sheet.add(
            simulation.brokenGlass(emergencyDoctor, person.nhs, time, &dice).with {
                $0.reason = "collapsed on the quay; cannot be asked"
            }, at: time.adding(minutes: 4))
        simulation.sheet.add(
            Look(emergencyDoctor, person.nhs, purpose: "emergency", tag: Tag.emergency.rawValue),
            at: time.adding(minutes: 5))
        var message = HL7Message("ADT^A04", "R0D", person, at: time, control: simulation.control("R0D"))
        message.patient(.verified)
        message.visit(visit("R0D", "E", "emergency", "V0-COLLAPSE", time))
        message.diagnosis("R55", "Syncope and collapse")
        simulation.deliver(message, at: time.adding(minutes: 30))
    }

    private func complain(_ day: Day, _ simulation: inout Simulation) {
        simulation.sheet.add(
            SharingFact(.caseOpened, id: caseReference, person.nhs).with {
                ($0.reason, $0.authority, $0.duration) = (
                    "complaint: somebody knew of the admission", "guardian-ccg", "P180D"
                )
                $0.recordedBy = "privacy-1"
            }, at: day.at(9))
        simulation.sheet.add(
            SharingFact(.staffExcluded, id: "ex-story", person.nhs).with {
                ($0.user, $0.reason, $0.recordedBy) = (snooper, "the patient's former partner", "gp-1")
            }, at: day.at(9, 30))
    }
}
