import Wire

/// Admissions, discharges and visits: what hospital administration systems send.
extension Simulation {
    private static let wards = Staff.wards + ["ambulatory", "radiology", "primary care"]

    func stay(_ person: Person, _ time: Instant, ward: Int) -> Due.StayKey {
        Due.StayKey(
            hospital: UInt8(person.hospital), ward: UInt8(ward), contact: states[person.number].contacts,
            minute: Int32((time.microseconds - Day(0).at(0).microseconds) / 60_000_000))
    }

    /// The hospital as it was when the stay began, and the visit that its messages name.
    func visit(_ key: Due.StayKey, of person: Person, patientClass: String) -> (
        ods: String, visit: HL7Message.Stay
    ) {
        let began = Day(Int(key.minute) / 1440)
        let stay = HL7Message.Stay(
            patientClass: patientClass, ward: Self.wards[Int(key.ward)],
            number: "V\(person.number)-\(key.contact)",
            admitted: Day(0).at(0).adding(minutes: Int(key.minute)))
        return (Partner.hospital(Int(key.hospital), on: began), stay)
    }

    /// Number and id: one in twelve come without their NHS number the first time.
    private func known(_ person: Person) -> HL7Message.Number {
        person.number % 12 == 7 && states[person.number].contacts < 3
            ? .none : person.number % 25 == 13 ? .traced : .verified
    }

    mutating func adt(
        _ trigger: String, _ ods: String, _ person: Person, _ stay: HL7Message.Stay?, at time: Instant,
        _ dice: inout Dice,
        more: (inout HL7Message) -> Void = { _ in }
    ) {
        var message = HL7Message("ADT^\(trigger)", ods, person, at: time, control: control(ods))
        message.patient(known(person))
        if person.practice < 2 {
            let practice = Partner.practices[person.practice]
            message.practice(practice, Partner.byCode[practice]!.name)
        }
        if dice.chance(1, in: 3) { message.kin(Person(person.number ^ 1, seed: seed)) }
        if let stay { message.visit(stay) }
        more(&message)
        send(message, at: time, &dice)
    }

    mutating func emergency(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let ods = Partner.hospital(person.hospital, on: day)
        guard Partner.byCode[ods]!.isOpen(on: day), !states[person.number].flags.contains(.inHospital) else {
            return
        }
        let time = day.at(dice.from(0, to: 18), dice.below(60))
        let isAdmitted = dice.chance(3, in: 5)
        let key = stay(person, time, ward: isAdmitted ? dice.below(5) : 1)
        let (_, visit) = self.visit(key, of: person, patientClass: isAdmitted ? "I" : "E")
        let reason = dice.pick(Vocabulary.emergencies)
        let emergencyDoctor = someone(at: ods, ["R8000"], workgroup: "emergency", &dice)
        if dice.chance(1, in: 12) { override(emergencyDoctor, person, time.adding(minutes: 1), &dice) }
        adt(isAdmitted ? "A01" : "A04", ods, person, visit, at: time, &dice) { message in
            message.diagnosis(reason.0, reason.1)
        }
        if isAdmitted, dice.chance(1, in: 20) {
            // Admitted by mistake.
            adt("A11", ods, person, visit, at: time.adding(minutes: 50), &dice)
            return
        }
        order(person, ods, key, at: time.adding(minutes: 20), &dice)
        if dice.chance(1, in: 3) { imaging(person, ods, visit, at: time.adding(minutes: 35), &dice) }
        if dice.chance(1, in: 6) { adt("A08", ods, person, visit, at: time.adding(minutes: 70), &dice) }
        ask(person, org: ods, at: time.adding(minutes: 3), &dice)
        let round = time.adding(minutes: dice.from(130, to: 190))
        look(someone(at: ods, ["R8000"], workgroup: visit.ward, &dice), at: person, round, &dice)
        if dice.chance(1, in: 2) {
            look(
                someone(at: ods, ["R8001"], workgroup: visit.ward, &dice), at: person,
                round.adding(minutes: 12), &dice)
        }
        if isAdmitted {
            states[person.number].flags.insert(.inHospital)
            transfer(person, ods, visit, time, &dice)
            let leaves = day.adding(dice.from(1, to: 12))
            schedule(
                Due(patient: Int32(person.number), kind: .discharge, stay: key),
                on: min(leaves, lastDay(of: ods)))
        } else {
            var left = visit
            left.discharged = time.adding(minutes: dice.from(90, to: 240))
            adt("A03", ods, person, left, at: left.discharged!, &dice)
        }
    }

    /// The last day of a hospital that closes: everyone is discharged, or admitted anew by its successor.
    private func lastDay(of ods: String) -> Day { Partner.byCode[ods]!.closes?.adding(-1) ?? Day(Day.count) }

    private mutating func transfer(
        _ person: Person, _ ods: String, _ visit: HL7Message.Stay, _ time: Instant, _ dice: inout Dice
    ) {
        guard dice.chance(1, in: 5) else { return }
        var moved = visit
        moved.ward = dice.pick(Staff.wards)
        adt("A02", ods, person, moved, at: time.adding(minutes: 100), &dice)
        if dice.chance(1, in: 8) { adt("A12", ods, person, visit, at: time.adding(minutes: 115), &dice) }
    }

    mutating func discharge(_ person: Person, _ day: Day, _ due: Due, _ dice: inout Dice) {
        var (ods, visit) = self.visit(due.stay, of: person, patientClass: "I")
        let time = day.at(dice.from(10, to: 17), dice.below(60))
        visit.discharged = time
        states[person.number].flags.remove(.inHospital)
        adt("A03", ods, person, visit, at: time, &dice)
        if dice.chance(1, in: 30) {
            // Not gone after all, until the next day.
            adt("A13", ods, person, visit, at: time.adding(minutes: 45), &dice)
            states[person.number].flags.insert(.inHospital)
            schedule(due, on: min(day.adding(1), lastDay(of: ods)))
        }
        if dice.chance(1, in: 4) {
            look(
                someone(at: ods, ["R8008"], workgroup: visit.ward, &dice), at: person,
                time.adding(minutes: 5), &dice)
        }
    }

    mutating func outpatients(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let ods = Partner.hospital(person.hospital, on: day)
        guard Partner.byCode[ods]!.isOpen(on: day) else { return }
        let time = day.at(dice.from(9, to: 15), dice.below(60))
        let key = stay(person, time, ward: dice.below(5))
        var (_, visit) = self.visit(key, of: person, patientClass: "O")
        adt("A04", ods, person, visit, at: time, &dice)
        if dice.chance(2, in: 5) { order(person, ods, key, at: time.adding(minutes: 10), &dice) }
        ask(person, org: ods, workgroup: visit.ward, at: time.adding(minutes: 15), &dice)
        look(
            someone(at: ods, ["R8000"], workgroup: visit.ward, &dice), at: person, time.adding(minutes: 130),
            &dice)
        visit.discharged = time.adding(minutes: 180)
        adt("A03", ods, person, visit, at: visit.discharged!, &dice)
        if dice.chance(1, in: 15) {
            adt("A31", ods, person, nil, at: time.adding(minutes: 181), &dice)
        }
    }

    /// Nobody can be asked: the doctor breaks the glass, says why, and looks.
    mutating func override(_ member: Member?, _ person: Person, _ time: Instant, _ dice: inout Dice) {
        guard let member, dice.below(10_000) < 8500 * 300 / max(300, patients) else { return }
        let fact = brokenGlass(member.id, person.nhs, time, &dice)
        sheet.add(fact, at: time)
        sheet.add(Look(member.id, person.nhs, purpose: "emergency"), at: time.adding(minutes: 1))
        if dice.chance(1, in: 3) {
            sheet.add(
                SharingFact(.overrideEnded, id: fact.id).with { $0.recordedBy = member.id },
                at: time.adding(minutes: 30))
        }
    }
}
