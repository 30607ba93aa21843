import Wire

/// The misuse planted among the accesses, kept apart from them: what a detector should find is not in the store.
public struct MisusePlan: Sendable {
    public private(set) var misuse: [Misuse] = []
    /// Staff who are patients of the region: what an employer knows of them, and a detector may be told.
    public private(set) var staff: [(user: String, patient: String)] = []
    /// People whose records attract the curious: a list that a detector may be told.
    public private(set) var watched: [String] = []
    private var byDay: [Int: [Int]] = [:]
    private var dice: Dice
    private let patients: Int
    private let seed: UInt64

    init(patients: Int, seed: UInt64, staff: Staff, story: Story) {
        dice = Dice(seed: seed, .misuse, 0)
        (self.patients, self.seed) = (patients, seed)
        self.staff = staff.members.compactMap { member in
            member.patient.map { (member.id, Person($0, seed: seed).nhs) }
        }
        let famous = (1..<max(2, patients)).lazy.filter {
            Person($0, seed: seed).practice < 2 && Feature.of($0, patients: patients) == nil
        }
        watched = famous.prefix(2).map { Person($0, seed: seed).nhs }
        for kind in Misuse.Kind.allCases {
            for _ in 0..<(max(1, min(4, patients / 75)) + patients / 20_000) { plan(kind, staff) }
        }
        for one in story.misuse { add(one) }
    }

    func planted(on day: Day) -> [Misuse] { (byDay[day.index] ?? []).map { misuse[$0] } }

    private mutating func add(_ one: Misuse) {
        let day = Int((one.time.microseconds - Day(0).at(0).microseconds) / 86_400_000_000)
        byDay[day, default: []].append(misuse.count)
        misuse.append(one)
    }

    // MARK: Planning

    private mutating func plan(_ kind: Misuse.Kind, _ staff: Staff) {
        let day = Day(dice.from(320, to: 1700)).workday
        let time = day.at(dice.from(9, to: 16), dice.below(60))
        switch kind {
        case .ownRecord, .address, .colleague, .surname: planRelated(kind, staff, day, time)
        case .watchedPerson:
            guard let member = carer(staff, day), !watched.isEmpty else { return }
            let famous = dice.pick(watched)
            add(
                kind, member.id, famous, time, .selfClaim, "nobody's patient there; known from the newspaper"
            )
        case .deceased:
            let (patients, seed) = (self.patients, self.seed)
            let dead = sampled { person in
                Feature.of(person.number, patients: patients) == .death && person.practice < 2
                    && Feature.day(of: person.number, seed: seed).index < 1250
            }
            guard let dead else { return }
            let after = Feature.day(of: dead, seed: seed).adding(dice.from(90, to: 300)).workday
            guard let member = carer(staff, after) else { return }
            add(
                kind, member.id, Person(dead, seed: seed).nhs, after.at(14, dice.below(60)), .selfClaim,
                "dead for months")
        case .outOfHours:
            guard let member = worker(staff, "ZZ101", ["R8008", "R8000"], day),
                let patient = sampled({ $0.practice == 0 })
            else { return }
            add(
                kind, member.id, Person(patient, seed: seed).nhs, day.at(dice.from(1, to: 3), dice.below(60)),
                .asTheyWere, "the surgery is shut")
        case .leaver: planLeaver(staff)
        case .consecutiveIdentifiers, .aboveOwnNorm: planMany(kind, staff, day, time)
        case .selfClaim, .override, .withoutRelationship:
            guard let member = carer(staff, day), let patient = stranger() else { return }
            let means: Misuse.Means =
                kind == .selfClaim ? .selfClaim : kind == .override ? .override : .asTheyWere
            add(kind, member.id, patient, time, means, "no care explains it")
        }
    }

    /// Themselves, or somebody they know.
    private mutating func planRelated(_ kind: Misuse.Kind, _ staff: Staff, _ day: Day, _ time: Instant) {
        let candidates = staff.members.filter { member in
            member.patient != nil && ["R8000", "R8001"].contains(member.role) && member.post(on: day) != nil
        }
        guard !candidates.isEmpty else { return }
        let member = dice.pick(candidates)
        let own = member.patient!
        switch kind {
        case .ownRecord:
            add(kind, member.id, Person(own, seed: seed).nhs, time, .selfClaim, "their own record")
        case .address:
            let home = own / Person.householdSize * Person.householdSize
            let others = (home..<min(patients, home + Person.householdSize)).filter {
                $0 != own && $0 != Story.patient
            }
            guard !others.isEmpty else { return }
            add(
                kind, member.id, Person(dice.pick(others), seed: seed).nhs, time, .selfClaim,
                "lives at the same address")
        case .surname:
            let home = own / Person.householdSize
            let namesake = sampled { person in
                person.family == member.family && person.number / Person.householdSize != home
                    && person.practice < 2
            }
            guard let namesake else { return }
            add(kind, member.id, Person(namesake, seed: seed).nhs, time, .selfClaim, "the same surname")
        default:
            let employer = member.post(on: day)?.ods
            let others = staff.members.filter {
                $0.id != member.id && $0.patient != nil && $0.post(on: day)?.ods == employer
            }
            guard !others.isEmpty else { return }
            let colleague = dice.pick(others)
            add(
                kind, member.id, Person(colleague.patient!, seed: seed).nhs, time, .selfClaim,
                "works with them: \(colleague.id)")
        }
    }

    /// After their last day: while nobody had written down that they left, or when they were shut out already.
    private mutating func planLeaver(_ staff: Staff) {
        let leavers = staff.members.filter {
            $0.leavingRecorded != nil && $0.posts.last?.to != nil && $0.role != "R8014"
        }
        guard !leavers.isEmpty else { return }
        let member = dice.pick(leavers)
        let last = member.posts.last!.to!
        guard let patient = stranger(), last.index < Day.count - 40, last.index > 90 else { return }
        let isUnrecorded = member.leavingRecorded! > last
        add(
            .leaver, member.id, patient, last.adding(dice.from(3, to: 25)).at(11, dice.below(60)),
            isUnrecorded && member.role != "R8008" ? .selfClaim : .asTheyWere,
            isUnrecorded
                ? "left on \(last.text), recorded from \(member.leavingRecorded!.text)"
                : "left on \(last.text)")
    }

    private mutating func planMany(_ kind: Misuse.Kind, _ staff: Staff, _ day: Day, _ time: Instant) {
        let number = misuse.count + 1
        if kind == .consecutiveIdentifiers {
            guard let member = carer(staff, day), patients > 10 else { return }
            let first = 1 + dice.below(patients - 9)
            for place in 0..<8 {
                add(
                    kind, member.id, Person(first + place, seed: seed).nhs, time.adding(minutes: 2 * place),
                    place % 2 == 0 ? .selfClaim : .asTheyWere, "one number after the other",
                    of: "misuse-\(number).\(place + 1)")
            }
            return
        }
        guard let member = worker(staff, "ZZ101", ["R8000", "R8001"], day) else { return }
        for place in 0..<24 {
            guard let patient = sampled({ $0.practice == 0 }) else { return }
            add(
                kind, member.id, Person(patient, seed: seed).nhs, time.adding(minutes: 3 * place),
                .asTheyWere,
                "as many in an afternoon as in a year", of: "misuse-\(number).\(place + 1)")
        }
    }

    private mutating func add(
        _ kind: Misuse.Kind, _ user: String, _ patient: String, _ time: Instant, _ means: Misuse.Means,
        _ note: String,
        of id: String? = nil
    ) {
        add(
            Misuse(
                id: id ?? "misuse-\(misuse.count + 1)", kind: kind, user: user, patient: patient, time: time,
                means: means,
                note: note))
    }

    // MARK: Drawing

    /// A doctor or nurse of a hospital.
    private mutating func carer(_ staff: Staff, _ day: Day) -> Member? {
        let open = ["RBD", "RD3", "RDZ", "R0D"].filter { Partner.byCode[$0]!.isOpen(on: day) }
        return worker(staff, dice.pick(open), ["R8000", "R8001"], day)
    }

    private mutating func worker(_ staff: Staff, _ ods: String, _ roles: Set<String>, _ day: Day) -> Member? {
        let found = staff.working(at: ods, on: day, roles: roles)
        return found.isEmpty ? nil : dice.pick(found)
    }

    private mutating func stranger() -> String? {
        sampled { $0.practice < 2 }.map { Person($0, seed: seed).nhs }
    }

    /// A patient other than the story's of whom it holds; nil where a few hundred draws find none.
    private mutating func sampled(_ holds: (Person) -> Bool) -> Int? {
        for _ in 0..<600 {
            let number = dice.below(patients)
            if number != Story.patient, holds(Person(number, seed: seed)) { return number }
        }
        return nil
    }
}

extension Simulation {
    /// Claims or overrides, where that is how it is done, and looks: in the same words as those who have a reason.
    mutating func plant(_ misuse: Misuse) {
        var dice = Dice(seed: seed, .misuse, Int(misuse.time.microseconds / 1_000_000))
        let before = misuse.time.adding(minutes: -1)
        switch misuse.means {
        case .asTheyWere: break
        case .selfClaim: sheet.add(claim(misuse.user, misuse.patient, before, &dice), at: before)
        case .override: sheet.add(brokenGlass(misuse.user, misuse.patient, before, &dice), at: before)
        }
        let purpose = misuse.means == .override ? "emergency" : "direct-care"
        sheet.add(Look(misuse.user, misuse.patient, purpose: purpose, tag: misuse.id), at: misuse.time)
    }
}
