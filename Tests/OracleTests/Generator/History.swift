import Wire

/// A random history: a seed's steps, in order.
struct History: Sendable {
    let seed: UInt64
    var start: Int64
    var steps: [Step]

    /// Shortly before the clocks change, in both directions, and a quiet day.
    private static let starts = ["2018-03-24T12:00:00Z", "2018-10-27T12:00:00Z", "2018-01-10T09:00:00Z"]
    private static let second: Int64 = 1_000_000
    private static let day: Int64 = 86_400 * second

    init(seed: UInt64, length: Int = 60) {
        var rng = SplitMix64(seed: seed)
        self.seed = seed
        let first = Instant(rfc3339: rng.pick(Self.starts)) ?? Instant(microseconds: 0)
        start = first.microseconds
        steps = []
        let days = (-3...6).map { Self.date(first.microseconds + Int64($0) * Self.day) }
        let regions = RegionFactory(days: days)
        var region = regions.region(rng: &rng)
        let sources = region.organisations.map(\.ods).filter { $0 != "11J" }
        let people = People(sources: rng.subset(sources, 3, in: 4) + [sources[0]], rng: &rng)
        var messages = MessageFactory(
            people: people, authorities: ["809"], placeholders: region.placeholders)
        var facts = FactFactory(people: people, days: days)
        var now = first.microseconds
        var sent: [MessageSpec] = []
        // Nothing is taken before a region lists its source.
        steps.append(.region(region))
        if rng.chance(5, in: 6) { steps.append(.policy(facts.opening(region: region, rng: &rng))) }
        while steps.count < length {
            switch rng.below(20) {
            case 0...2: steps.append(Self.tick(&now, days, &rng))
            case 3:
                region = regions.changed(region, rng: &rng)
                steps.append(.region(region))
            case 4...8:
                steps.append(.policy(facts.facts(region: region, rng: &rng)))
            case 9...13:
                let instant = Instant(microseconds: now)
                let files = Self.ingest(&messages, instant, &rng)
                sent += files.joined()
                steps.append(.ingest(source: files[0][0].source, files: files))
                // Later on much is shielded.
                if rng.chance(2, in: 3) {
                    let search = Self.search(for: sent, in: region, &rng)
                    steps.append(.find(Self.aimed(search ?? Self.search(region, people, &rng), &rng)))
                }
            case 14:
                if rng.chance(1, in: 4) { steps.append(.reopen) }
                if rng.chance(1, in: 2) { steps.append(.review(rng.next())) }
            case 15: steps.append(Self.comparison(region, people, days, now, &rng))
            default:
                let question = Self.question(region, people, days, now, &rng)
                steps.append(.ask(Self.underCase(question, facts.cases, &rng)))
            }
        }
        for _ in 0..<2 { steps.append(.review(rng.next())) }
        for _ in 0..<4 { steps.append(Self.comparison(region, people, days, now, &rng)) }
        for _ in 0..<12 {
            let question = Self.question(region, people, days, now, &rng)
            steps.append(.ask(Self.underCase(question, facts.cases, &rng)))
        }
        for _ in 0..<4 {
            let search =
                rng.chance(5, in: 6)
                ? Self.search(for: sent, in: region, &rng) : nil
            steps.append(.find(Self.aimed(search ?? Self.search(region, people, &rng), &rng)))
        }
    }

    private static func aimed(_ search: Search, _ rng: inout SplitMix64) -> Search {
        var out = search
        if rng.chance(5, in: 6) { out.aim = rng.next() }
        return out
    }

    /// For somebody whom a message described, by one who is likely to find them; the words mostly theirs.
    private static func search(
        for sent: [MessageSpec], in region: RegionSpec, _ rng: inout SplitMix64
    ) -> Search? {
        let finders = region.roles.filter { role in
            role.activities.contains("find-patient")
                && (role.categories == ["all"] || role.categories.contains("demographics"))
        }.map(\.code)
        let able = region.users.flatMap { user in user.profiles.map { (user: user.id, profile: $0) } }
            .filter { finders.contains($0.profile.code) }
        // Of one's own organisation, mostly: what others may find depends on agreements.
        let described = sent.filter { message in
            message.fate == .taken && message.assertion != nil && message.asserted == nil
                && message.items.contains { $0.type == "Patient" && $0.operation == .upsert }
        }
        let own = described.filter { message in able.contains { $0.profile.organisation == message.source } }
        func time(_ message: MessageSpec) -> Int64 {
            let updated = message.items.last { $0.type == "Patient" }?.updated
            return (updated ?? message.timestamp)?.microseconds ?? .max
        }
        guard let any = rng.maybePick(rng.chance(9, in: 10) && !own.isEmpty ? own : described),
            // As they are known by now, unless that was said ahead of time.
            let message = described.last(where: { other in
                other.patient == any.patient
                    && !described.contains { $0.patient == any.patient && time(other) < time($0) }
            }), let said = message.assertion, let id = message.patient?.localID
        else { return nil }
        let there = able.filter { $0.profile.organisation == message.source }
        let likely = rng.maybePick(there.isEmpty ? able : there)
        var search = Search(user: region.users[0].id, role: region.users[0].profiles[0].name)
        if let likely, rng.chance(9, in: 10) { search = Search(user: likely.user, role: likely.profile.name) }
        if rng.chance(1, in: 3), let number = said.numbers.first?.digits, Set(number).count > 1 {
            search.number = number
            return search
        }
        guard let family = said.family, let birthDate = said.birthDate else { return nil }
        search.family = rng.chance(1, in: 10) ? rng.pick(People.nearNames[family] ?? [family]) : family
        search.birthDate = rng.chance(1, in: 15) ? "1950-02-01" : birthDate
        if id != "3.x", rng.chance(1, in: 4) {
            search.postcode = birthDate == "1950-01-02" ? "bh152AA" : "dt1 1xj"
        }
        if id != "3.x", rng.chance(1, in: 4) {
            search.gender = family.count.isMultiple(of: 2) == rng.chance(9, in: 10) ? "female" : "male"
        }
        if rng.chance(2, in: 3) || (search.postcode == nil && search.gender == nil) {
            search.given = rng.chance(1, in: 10) ? rng.pick(["Anna", "ROBERT"]) : said.given ?? "Anna"
        }
        return search
    }

    private static func search(_ region: RegionSpec, _ people: People, _ rng: inout SplitMix64) -> Search {
        let user = rng.pick(region.users)
        let person = rng.pick(people.persons)
        var search = Search(user: rng.chance(1, in: 40) ? "nobody" : user.id)
        if user.profiles.count > 1 ? rng.chance(9, in: 10) : rng.chance(1, in: 2) {
            search.role = rng.pick(user.profiles).name
        }
        search.purpose = rng.pick([nil, nil, "direct-care", "safeguarding", "emergency"])
        if rng.chance(1, in: 3) {
            search.number = rng.chance(1, in: 5) ? person.secondNumber : person.number
            return search
        }
        let near = People.nearNames[person.family] ?? []
        search.family = rng.chance(1, in: 6) ? rng.pick(near) : person.family
        search.birthDate = rng.chance(1, in: 10) ? "1950-02-01" : person.birthDate
        let which = 1 + rng.below(7)
        if which & 1 != 0 {
            search.given = rng.chance(1, in: 6) ? rng.pick(["Anna", "ROBERT"]) : person.given
        }
        if which & 2 != 0 { search.gender = rng.pick(["female", "male"]) }
        if which & 4 != 0 { search.postcode = rng.pick(["BH15 2AA", "dt11xj", "ZZ1 1ZZ"]) }
        return search
    }

    private static func tick(_ now: inout Int64, _ days: [String], _ rng: inout SplitMix64) -> Step {
        if rng.chance(1, in: 4) {
            // The edges of the changes of the clock, and of a day, to the microsecond.
            let edges = [
                "2018-03-25T00:59:59.999999Z", "2018-03-25T01:00:00Z", "2018-03-25T23:00:00Z",
                "2018-10-28T00:00:00Z", "2018-10-28T01:00:00Z", "2018-10-29T00:00:00Z",
                "2018-03-25T22:59:59.999999Z",
            ]
            if let edge = Instant(rfc3339: rng.pick(edges))?.microseconds, edge > now {
                now = edge
                return .clockTo(edge)
            }
        }
        let by = rng.pick([1, second, 3600 * second, 12 * 3600 * second, day, 2 * day])
        now += by
        return .clock(by)
    }

    /// Files of one source, each of one message.
    private static func ingest(
        _ messages: inout MessageFactory, _ now: Instant, _ rng: inout SplitMix64
    ) -> [[MessageSpec]] {
        let first = messages.message(now: now, rng: &rng)
        var files = [[first]]
        for _ in 0..<rng.below(3) {
            let next = messages.message(now: now, rng: &rng)
            if next.source == first.source { files.append([next]) }
        }
        return files
    }

    static func question(
        _ region: RegionSpec, _ people: People, _ days: [String], _ now: Int64, _ rng: inout SplitMix64
    ) -> Question {
        let user = rng.pick(region.users)
        let person = rng.pick(people.persons)
        let patient: PatientName =
            rng.chance(5, in: 6)
            ? .number(rng.chance(1, in: 20) ? person.secondNumber : person.number)
            : .subject(rng.pick(people.subjects).name)
        let when: Question.When
        switch rng.below(10) {
        case 0...3: when = .none
        case 4, 5: when = .position(rng.below(100_000_000))
        case 6, 7: when = .near(record: rng.below(100_000_000), offset: Int64(rng.below(3) - 1))
        case 8: when = .date(rng.pick(days))
        default: when = .instant(now + Int64(rng.below(7) - 4) * day)
        }
        var role: String?
        if user.profiles.count > 1 ? rng.chance(9, in: 10) : rng.chance(1, in: 2) {
            role = rng.pick(user.profiles).name
        }
        var question = Question(
            user: rng.chance(1, in: 40) ? "nobody" : user.id, role: role, patient: patient, when: when,
            purpose: rng.weighted([
                (6, nil), (2, "direct-care"), (1, "safeguarding"), (1, "emergency"), (1, "after-death"),
            ]))
        if rng.chance(1, in: 3) { question.knownAt = known(after: when, days, now, &rng) }
        return question
    }

    /// Some questions are asked under a case: mostly one of that patient, now and then another's, one that is over, or none.
    private static func underCase(
        _ question: Question, _ cases: [(id: String, patient: PatientName)], _ rng: inout SplitMix64
    ) -> Question {
        guard rng.chance(1, in: 3), let opened = rng.maybePick(cases) else { return question }
        var out = question
        out.caseReference = rng.chance(1, in: 20) ? "case-none" : opened.id
        if rng.chance(9, in: 10) { out.patient = opened.patient }
        return out
    }

    /// A difference always names the role: in between there may be several.
    private static func comparison(
        _ region: RegionSpec, _ people: People, _ days: [String], _ now: Int64, _ rng: inout SplitMix64
    ) -> Step {
        func moment() -> Question.When {
            rng.chance(2, in: 3)
                ? .near(record: rng.below(100_000_000), offset: Int64(rng.below(3) - 1))
                : .instant(now + Int64(rng.below(9) - 6) * day)
        }
        var question = question(region, people, days, now, &rng)
        (question.when, question.knownAt) = (moment(), nil)
        let profiles = region.users.first { $0.id == question.user }?.profiles ?? []
        question.role = question.role ?? profiles.first?.name ?? "none"
        return .compare(question, with: moment())
    }

    /// Late paperwork: any time at all, most often one that lies after what is asked about.
    private static func known(
        after when: Question.When, _ days: [String], _ now: Int64, _ rng: inout SplitMix64
    ) -> Question.When {
        switch rng.below(8) {
        case 0: return .near(record: rng.below(100_000_000), offset: Int64(rng.below(3) - 1))
        case 1: return .date(rng.pick(days))
        case 2: return .instant(now + Int64(rng.below(4)) * day)
        case 3: return .position(rng.below(100_000_000))
        case 4: return .head
        default: return .since(when, records: 1 + rng.below(30))
        }
    }

    static func date(_ microseconds: Int64) -> String {
        String(Instant(microseconds: microseconds).rfc3339.prefix(10))
    }
}
