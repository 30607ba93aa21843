import Wire

/// What practices do and send.
extension Simulation {
    /// The practice's feed begins with all that it holds.
    mutating func register(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let practice = Partner.practices[person.practice]
        let number = person.number
        states[number].flags.insert(.registered)
        for problem in 0..<Vocabulary.everyday
        where number != Story.patient && dice.chance(1 + person.burden.rawValue * 3, in: 24) {
            states[number].problems |= 1 << problem
        }
        // One in thirty each carry a code that a label, or an exclusion set, is there for.
        if number % 30 == 11 { states[number].problems |= 1 << Vocabulary.labelled }
        if number % 30 == 23 { states[number].problems |= 1 << Vocabulary.excluded }
        var bundle = FHIRBundle(practice, person, at: day.at(7))
        bundle.putPatient(practice: practice, practiceName: Partner.byCode[practice]!.name)
        for problem in Vocabulary.problems.indices where states[number].problems & (1 << problem) != 0 {
            let onset = day.adding(-dice.from(100, to: 4000))
            bundle.putProblem(problem, onset: onset)
            bundle.putMedicine(problem, from: onset)
        }
        if dice.chance(1, in: 6) {
            bundle.putAllergy(dice.below(Vocabulary.allergies.count))
            states[number].flags.insert(.allergic)
        } else if dice.chance(1, in: 2) {
            bundle.putNoKnownAllergy()
        }
        if person.birth.year < 1945, dice.chance(1, in: 4) {
            bundle.putPreference("p-\(number)", on: day.adding(-200))
        }
        send(bundle, at: day.at(7), &dice)
        let registration = SharingFact(.relationshipCreated, id: "reg-\(number)", person.nhs).with {
            $0.org = practice
            $0.word = "registration"
            $0.from = person.birth.year > 2012 ? person.birth.description : "2012-04-02"
            $0.evidence = "on the practice's list"
        }
        sheet.add(registration, at: day.at(7, 30))
    }

    mutating func consultation(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let practice = Partner.practices[person.practice]
        let number = person.number
        guard states[number].flags.contains(.registered), Partner.byCode[practice]!.isOpen(on: day) else {
            return
        }
        let time = day.at(dice.from(8, to: 16), dice.below(60))
        let id = "\(number)-\(states[number].contacts)"
        var bundle = FHIRBundle(practice, person, at: time)
        if dice.chance(1, in: 4) {
            bundle.putPatient(practice: practice, practiceName: Partner.byCode[practice]!.name)
        }
        bundle.putBloodPressure("o-\(id)", dice.from(105, to: 175), dice.from(60, to: 100), at: time)
        newProblem(person, day, &bundle, &dice)
        if [9, 10, 11].contains(day.date.month), dice.chance(1, in: 2) {
            bundle.putVaccine(0, "v-\(id)", on: day)
        } else if day.date.year == 2021, dice.chance(1, in: 3) {
            bundle.putVaccine(2, "v-\(id)", on: day)
        }
        if !states[number].flags.contains(.allergic), dice.chance(1, in: 30) {
            bundle.putAllergy(dice.below(Vocabulary.allergies.count))
            states[number].flags.insert(.allergic)
        }
        let hospital = Partner.hospital(person.hospital, on: day)
        if dice.chance(1, in: 4) {
            schedule(
                Due(patient: Int32(number), kind: .result, stay: stay(person, time, ward: 7)),
                on: day.adding(1))
        }
        if dice.chance(1, in: 9), Partner.byCode[hospital]!.isOpen(on: day) {
            refer(person, hospital, day, time, &dice)
        }
        if dice.chance(1, in: 400) { twoPatients(person, day, &bundle) }
        send(bundle, at: time, &dice)
        let doctor = someone(at: practice, ["R8000"], &dice)
        ask(person, org: practice, at: time.adding(minutes: 1), &dice)
        look(doctor, at: person, time.adding(minutes: 2), &dice)
        if dice.chance(1, in: 5) {
            look(
                someone(at: practice, ["R8008", "R8001"], &dice), at: person, time.adding(minutes: 25), &dice)
        }
    }

    private mutating func newProblem(
        _ person: Person, _ day: Day, _ bundle: inout FHIRBundle, _ dice: inout Dice
    ) {
        let number = person.number
        guard dice.chance(1, in: 5) else { return }
        let problem = dice.below(Vocabulary.everyday)
        if states[number].problems & (1 << problem) == 0 {
            states[number].problems |= 1 << problem
            bundle.putProblem(problem, onset: day)
            bundle.putMedicine(problem, from: day)
            if dice.chance(1, in: 10) {
                schedule(
                    Due(patient: Int32(number), kind: .problemInError, data: UInt16(problem)),
                    on: day.adding(dice.from(5, to: 40)).workday)
            }
        } else if dice.chance(1, in: 3) {
            // A medicine is stopped; now and then its entry is taken off the record altogether.
            if dice.chance(1, in: 4) {
                bundle.delete("MedicationStatement", "m-\(number)-\(problem)")
            } else {
                bundle.putMedicine(problem, from: day, status: "stopped")
            }
        }
    }

    /// It was entered in error, and is taken back.
    mutating func problemInError(_ person: Person, _ day: Day, _ problem: Int, _ dice: inout Dice) {
        var bundle = FHIRBundle(Partner.practices[person.practice], person, at: day.at(9))
        bundle.putProblem(problem, onset: day, inError: true)
        bundle.putMedicine(problem, from: day, status: "entered-in-error")
        states[person.number].problems &= ~(1 << problem)
        send(bundle, at: day.at(9), &dice)
    }

    private mutating func refer(
        _ person: Person, _ hospital: String, _ day: Day, _ time: Instant, _ dice: inout Dice
    ) {
        let seen = day.adding(dice.from(14, to: 70)).workday
        let fact = SharingFact(
            .relationshipCreated, id: "ref-\(person.number)-\(states[person.number].contacts)", person.nhs
        ).with {
            $0.org = hospital
            $0.workgroup = dice.pick(Staff.wards)
            $0.word = "referral"
            $0.from = day.text
            $0.to = seen.adding(60).text
            $0.evidence = "referral letter"
        }
        sheet.add(fact, at: time.adding(minutes: 5))
        schedule(Due(patient: Int32(person.number), kind: .outpatients), on: seen)
    }

    /// A mistake of the sender: a resource of somebody else in the same message. Such a message is quarantined.
    private func twoPatients(_ person: Person, _ day: Day, _ bundle: inout FHIRBundle) {
        let other = Person((person.number + 1) % patients, seed: seed).localID(at: bundle.source)
        bundle.put(
            "Observation", "o-\(person.number)-\(states[person.number].contacts)-x",
            #""status":"final","code":{"text":"Weight"},"subject":{"reference":"Patient/\#(other)x"}"#)
    }
}
