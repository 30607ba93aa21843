import Wire

/// Community services and councils.
extension Simulation {
    mutating func communityVisit(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let ods = Partner.community
        guard Partner.byCode[ods]!.isOpen(on: day) else { return }
        let number = person.number
        let time = day.at(dice.from(9, to: 16), dice.below(60))
        let id = "\(number)-\(states[number].contacts)"
        let group = number % 2 == 0 ? "district-nursing" : "rehabilitation"
        var bundle = FHIRBundle(ods, person, at: time)
        if states[number].flags.insert(.community).inserted {
            bundle.putPatient()
            bundle.putCarePlan("k-\(number)", "Care at home", from: day)
            caseload(person, ods, group, day, &dice)
        }
        bundle.putEncounter("e-\(id)", "Home visit", at: time)
        bundle.putBloodPressure("o-\(id)", dice.from(105, to: 175), dice.from(60, to: 100), at: time)
        if dice.chance(1, in: 5) { bundle.putDocument("d-\(id)", "Visit summary", at: time) }
        if dice.chance(1, in: 12) { bundle.putPreference("p-\(number)", on: day) }
        send(bundle, at: time, &dice)
        ask(person, org: ods, workgroup: group, at: time.adding(minutes: 1), &dice)
        if dice.chance(1, in: 12), let other = someone(at: ods, ["R8000", "R8001"], &dice) {
            // Of the other team, standing in.
            sheet.add(claim(other.id, person.nhs, time, &dice), at: time.adding(minutes: 3))
            look(other, at: person, time.adding(minutes: 4), &dice)
        } else {
            look(
                someone(at: ods, ["R8000", "R8001", "R8003"], workgroup: group, &dice), at: person,
                time.adding(minutes: 4), &dice)
        }
    }

    private mutating func caseload(
        _ person: Person, _ ods: String, _ group: String?, _ day: Day, _ dice: inout Dice
    ) {
        let fact = SharingFact(.relationshipCreated, id: "case-\(ods)-\(person.number)", person.nhs).with {
            $0.org = ods
            $0.workgroup = group
            $0.word = "caseload"
            $0.from = day.text
        }
        sheet.add(fact, at: day.at(8, 30))
        if group != nil, dice.chance(1, in: 3) {
            schedule(
                Due(patient: Int32(person.number), kind: .endOfCare),
                on: day.adding(dice.from(120, to: 500)).workday)
        }
    }

    /// The episode closes, and the relationship with it.
    mutating func endOfCare(_ person: Person, _ day: Day) {
        guard states[person.number].flags.remove(.community) != nil else { return }
        sheet.add(
            SharingFact(.relationshipEnded, id: "case-\(Partner.community)-\(person.number)").with {
                $0.to = day.text
                $0.reason = "discharged from the caseload"
            }, at: day.at(17))
    }

    mutating func councilContact(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let ods = Partner.council(person, on: day)
        guard Partner.byCode[ods]!.isOpen(on: day) else { return }
        let number = person.number
        let time = day.at(dice.from(9, to: 16), dice.below(60))
        let known: PatientState.Flags = day < Partner.councilsMerge ? .council : .newCouncil
        var bundle = FHIRBundle(ods, person, at: time)
        if states[number].flags.insert(known).inserted {
            bundle.putPatient(kin: Person(number ^ 1, seed: seed))
            caseload(person, ods, nil, day, &dice)
        }
        let plans = ["Home care", "Day centre", "Reablement", "Carer's assessment"]
        bundle.putCarePlan("s-\(number)-\(states[number].contacts)", dice.pick(plans), from: day)
        send(bundle, at: time, &dice)
        let worker = someone(at: ods, ["R8014"], &dice)
        ask(person, org: ods, at: time.adding(minutes: 1), &dice)
        look(worker, at: person, time.adding(minutes: 3), &dice)
    }
}
