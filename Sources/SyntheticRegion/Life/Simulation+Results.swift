import Wire

/// Laboratory and imaging reports, from preliminary to corrected.
extension Simulation {
    /// A sample is taken: what is known at once, and the rest the next day.
    mutating func order(
        _ person: Person, _ ods: String, _ key: Due.StayKey, at time: Instant, _ dice: inout Dice
    ) {
        let (_, visit) = self.visit(key, of: person, patientClass: "I")
        report(person, ods, visit, key, taken: time, said: time.adding(minutes: 40), status: "P", &dice)
        schedule(
            Due(patient: Int32(person.number), kind: .result, stay: key, data: 1),
            on: Day(Int(key.minute) / 1440).adding(1))
    }

    /// The final report; sometimes the only one.
    mutating func result(_ person: Person, _ day: Day, _ due: Due, _ dice: inout Dice) {
        let (ods, visit) = self.visit(due.stay, of: person, patientClass: "O")
        guard Partner.byCode[ods]!.joins <= day, Partner.byCode[ods]!.isOpen(on: day) else { return }
        let taken = visit.admitted.adding(minutes: 20)
        let status = dice.chance(1, in: 40) ? "X" : "F"
        report(
            person, ods, visit, due.stay, taken: taken, said: day.at(dice.from(7, to: 11), 15),
            status: status, &dice)
        if status == "F", dice.chance(1, in: 14) {
            schedule(
                Due(
                    patient: Int32(person.number), kind: .correction, stay: due.stay,
                    data: dice.chance(1, in: 4) ? 1 : 0),
                on: day.adding(dice.below(3)))
        }
    }

    /// The laboratory thinks again: a corrected value, or all of it entered in error.
    mutating func correction(_ person: Person, _ day: Day, _ due: Due, _ dice: inout Dice) {
        let (ods, visit) = self.visit(due.stay, of: person, patientClass: "O")
        guard Partner.byCode[ods]!.isOpen(on: day) else { return }
        report(
            person, ods, visit, due.stay, taken: visit.admitted.adding(minutes: 20), said: day.at(15, 30),
            status: due.data == 1 ? "W" : "C", &dice)
    }

    private mutating func report(
        _ person: Person, _ ods: String, _ visit: HL7Message.Stay, _ key: Due.StayKey, taken: Instant,
        said: Instant,
        status: String, _ dice: inout Dice
    ) {
        // The values are the sample's: the same each time they are told.
        var sample = Dice(seed: seed, .life, person.number &* 65_537 &+ Int(key.contact))
        let panel = sample.pick(Vocabulary.panels)
        var values: [HL7Message.Report.Value] = []
        for analyte in panel.analytes {
            let width = analyte.high - analyte.low
            let drawn = max(1, analyte.low + width / 2 + sample.from(-width * 4 / 5, to: width * 4 / 5))
            // Preliminary reports lack the last value; a correction changes the first.
            if status == "P", values.count == panel.analytes.count - 1, values.count > 0 { continue }
            let isCorrected = status == "C" && values.isEmpty
            values.append(
                HL7Message.Report.Value(
                    analyte: analyte, tenths: isCorrected ? analyte.low + width / 3 : drawn,
                    status: status == "C" ? (isCorrected ? "C" : "F") : status))
        }
        var message = HL7Message("ORU^R01", ods, person, at: said, control: control("\(ods)-LAB"))
        message.patient(.verified)
        message.visit(visit)
        message.report(
            HL7Message.Report(
                order: "L\(person.number)-\(key.contact)", code: panel.code, name: panel.name, taken: taken,
                status: status == "W" ? "C" : status, values: values,
                note: status == "C" ? "First specimen haemolysed; repeated." : nil))
        send(message, at: said, &dice)
    }

    mutating func imaging(
        _ person: Person, _ ods: String, _ visit: HL7Message.Stay, at time: Instant, _ dice: inout Dice
    ) {
        let study = dice.pick([
            ("Chest X-ray", "No focal consolidation. Heart size normal."),
            ("CT head", "No intracranial haemorrhage or mass."),
            ("Left wrist X-ray", "Fracture of the distal radius."),
        ])
        let said = time.adding(minutes: 45)
        var message = HL7Message("ORU^R01", ods, person, at: said, control: control("\(ods)-RIS"))
        message.patient(.verified)
        message.visit(visit)
        message.imaging(
            order: "X\(person.number)-\(states[person.number].contacts)", study.0, study.1, taken: time,
            status: "F")
        send(message, at: said, &dice)
    }
}
