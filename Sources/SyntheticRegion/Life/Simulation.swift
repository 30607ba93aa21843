import Wire

/// The five years, a day at a time. What is kept grows with the number of patients by a few dozen bytes each.
struct Simulation {
    let seed: UInt64
    let patients: Int
    let staff: Staff
    let misuse: MisusePlan
    let story: Story
    var states: [PatientState]
    /// What each day to come brings, by day.
    private var due: [[Due]]
    /// Messages that come another day than they were written: resent, late, or kept back while a feed was silent.
    private var held: [Int: [DaySheet.Message]] = [:]
    private var controls: [String: Int] = [:]
    /// The region's file as it was last applied.
    private var regionFile = ""
    private var day = Day(0)
    var sheet = DaySheet(Day(0))
    private var last = Instant(microseconds: Day(0).at(0).microseconds)
    /// How many accesses come of ten thousand contacts.
    private let share: Int

    init(patients: Int, seed: UInt64) {
        self.seed = seed
        self.patients = patients
        let staff = Staff(patients: patients, seed: seed)
        self.staff = staff
        story = Story(seed: seed, staff: staff)
        misuse = MisusePlan(patients: patients, seed: seed, staff: staff, story: story)
        states = (0..<patients).map { PatientState(dice: Dice(seed: seed, .life, $0).state) }
        due = Array(repeating: [], count: Day.count)
        // Some 14 occasions to look at each, over the five years.
        share = min(8500, (4000 + patients / 5) * 10_000 / (14 * patients))
        for number in 0..<patients { begin(number) }
    }

    private mutating func begin(_ number: Int) {
        let person = Person(number, seed: seed)
        let practice = Partner.byCode[Partner.practices[person.practice]]!
        var dice = Dice(state: states[number].dice)
        schedule(
            Due(patient: Int32(number), kind: .registration),
            on: practice.joins.adding(1 + number % 20).workday)
        schedule(
            Due(patient: Int32(number), kind: .contact), on: Day(1 + dice.below(2 * person.burden.interval)))
        if Feature.of(number, patients: patients) != nil {
            schedule(Due(patient: Int32(number), kind: .feature), on: Feature.day(of: number, seed: seed))
        }
        states[number].dice = dice.state
    }

    mutating func schedule(_ due: Due, on day: Day) {
        if self.due.indices.contains(day.index) { self.due[day.index].append(due) }
    }

    /// - Returns: nil after the last day.
    mutating func nextDay() -> [Step]? {
        guard day.index < Day.count else { return nil }
        sheet = DaySheet(day)
        for phase in RegionDocument.phases where phase.day == day {
            let document = RegionDocument(on: day, staff: staff, moved: moved)
            let yaml = document.yaml
            // Nobody came or went this quarter.
            if yaml == regionFile { continue }
            regionFile = yaml
            sheet.add(document, why: phase.why, at: day.at(day.index == 0 ? 6 : 0))
        }
        for message in held.removeValue(forKey: day.index) ?? [] { sheet.add(message) }
        for one in due[day.index] { happen(one) }
        due[day.index] = []
        for planted in misuse.planted(on: day) { plant(planted) }
        story.tell(day, into: &self)
        let steps = sheet.steps(after: last)
        last = steps.last?.time ?? last
        day = day.adding(1)
        return steps
    }

    private mutating func happen(_ due: Due) {
        let number = Int(due.patient)
        let person = Person(number, seed: seed)
        var dice = Dice(state: states[number].dice)
        defer { states[number].dice = dice.state }
        if states[number].flags.contains(.dead), due.kind != .discharge { return }
        switch due.kind {
        case .registration: register(person, day, &dice)
        case .contact: contact(person, day, &dice)
        case .result: result(person, day, due, &dice)
        case .correction: correction(person, day, due, &dice)
        case .discharge: discharge(person, day, due, &dice)
        case .outpatients: outpatients(person, day, &dice)
        case .problemInError: problemInError(person, day, Int(due.data), &dice)
        case .endOfCare: endOfCare(person, day)
        case .feature: feature(person, day, Int(due.data), &dice)
        }
    }

    /// Somebody is seen: by whom depends on who they are.
    private mutating func contact(_ person: Person, _ day: Day, _ dice: inout Dice) {
        let next = day.adding(1 + dice.below(2 * person.burden.interval))
        let isOld = person.birth.year < 1950
        let isFrail = person.burden.rawValue > 1
        let kind = dice.weighted([52, 16, 12, isFrail ? 14 : 2, isOld ? 9 : 2])
        if kind != 1, !day.isWorkday {
            return schedule(Due(patient: Int32(person.number), kind: .contact), on: day.workday)
        }
        schedule(Due(patient: Int32(person.number), kind: .contact), on: next)
        states[person.number].contacts += 1
        switch kind {
        case 0: consultation(person, day, &dice)
        case 1: emergency(person, day, &dice)
        case 2: outpatients(person, day, &dice)
        case 3: communityVisit(person, day, &dice)
        default: councilContact(person, day, &dice)
        }
    }

    /// The county council's people who went to the other council.
    private var moved: [String] {
        (0..<patients).filter { number in
            guard states[number].flags.contains(.council) else { return false }
            let person = Person(number, seed: seed)
            return person.council == 0 && person.address.town == "Christchurch"
        }.map { Person.localID($0, at: "809") }
    }

    // MARK: Sending

    /// MSH-10 or Bundle.identifier: a number of the source's own.
    mutating func control(_ source: String) -> String {
        controls[source, default: 0] += 1
        return "\(source)-\(controls[source]!)"
    }

    mutating func send(_ bundle: FHIRBundle, at time: Instant, _ dice: inout Dice) {
        let bytes = bundle.bytes(id: control(bundle.source))
        send(bytes, .fhir, from: bundle.source, at: time, &dice)
    }

    mutating func send(_ message: HL7Message, at time: Instant, _ dice: inout Dice) {
        send(message.bytes, .hl7v2, from: message.source, at: time, &dice)
    }

    /// Puts the message into its source's next delivery; a few come late, and a few come twice.
    private mutating func send(
        _ bytes: [UInt8], _ format: Delivery.Format, from source: String, at time: Instant, _ dice: inout Dice
    ) {
        var message = DaySheet.Message(
            delivered: Feeds.delivery(of: source, at: time, on: day), source: source, format: format,
            bytes: bytes)
        if let end = Feeds.silence(of: source, on: day) {
            message.delivered = end.at(5)
            held[end.index, default: []].append(message)
            return
        }
        if format == .fhir, dice.chance(1, in: 70) { return hold(message, for: dice.from(2, to: 20)) }
        sheet.add(message)
        if dice.chance(1, in: 70) { hold(message, for: 1) }
    }

    private mutating func hold(_ message: DaySheet.Message, for days: Int) {
        let later = day.adding(days)
        guard later.index < Day.count else { return }
        var message = message
        message.delivered = later.at(5, 30)
        held[later.index, default: []].append(message)
    }

    // MARK: Looking

    /// Somebody looks at the patient, as often as accesses are made at all.
    mutating func look(_ member: Member?, at person: Person, _ time: Instant, _ dice: inout Dice) {
        guard let member, dice.below(10_000) < share else { return }
        sheet.add(Look(member.id, person.nhs), at: time)
    }

    /// The patient was asked whether these may look: worth recording only where permission is what opens the record.
    mutating func ask(
        _ person: Person, org: String, workgroup: String? = nil, at time: Instant, _ dice: inout Dice
    ) {
        guard !(Day(2020, 3, 23)..<Day(2022, 4, 4)).contains(day), dice.chance(3, in: 5) else { return }
        let answer = dice.chance(24, in: 25)
        let fact = SharingFact(answer ? .permissionToView : .permissionRefused, person.nhs).with {
            $0.org = org
            $0.workgroup = workgroup
            if answer { $0.word = "asked" }
        }
        sheet.add(fact, at: time)
    }

    func someone(at ods: String, _ roles: Set<String>, workgroup: String? = nil, _ dice: inout Dice)
        -> Member?
    {
        let found = staff.working(at: ods, on: day, roles: roles, workgroup: workgroup)
        return found.isEmpty ? nil : dice.pick(found)
    }
}

extension Simulation {
    /// The story's messages come alone, when they are said to.
    mutating func deliver(_ bundle: FHIRBundle, at time: Instant) {
        let bytes = bundle.bytes(id: control(bundle.source))
        sheet.add(DaySheet.Message(delivered: time, source: bundle.source, format: .fhir, bytes: bytes))
    }

    mutating func deliver(_ message: HL7Message, at time: Instant) {
        sheet.add(
            DaySheet.Message(delivered: time, source: message.source, format: .hl7v2, bytes: message.bytes))
    }
}
