/// The facts about one patient that a decision may read, with how far each reaches.
struct PatientFactsAsOf {
    struct Held {
        var fact: FactSpec
        var position: UInt64
        /// Microseconds.
        var time: Int64
        /// nil where it names a number, and so every subject of the view.
        var subject: SubjectName?
    }

    let facts: [Held]
    /// How often each `once` permission, by position, was spent before.
    let spent: Set<UInt64>

    init(events: [LoggedEvent], identity: Identity, patient: Identity.Patient?, asked: PatientName) {
        var numbers: Set<String> = []
        var subjects: Set<SubjectName> = []
        if case .number(let digits) = asked { numbers.insert(digits) }
        if case .subject(let subject) = asked { subjects.insert(subject) }
        for subject in patient?.subjects ?? [] {
            subjects.formUnion(identity.union(of: subject))
            numbers.formUnion(identity.numbers(of: subject).map(\.digits))
        }
        var held: [Held] = []
        var spent: Set<UInt64> = []
        for event in events {
            if case .receipt(let positions) = event.what { spent.formUnion(positions) }
            guard case .fact(let fact) = event.what else { continue }
            var named = fact.patient
            // An ending names what it ends by id alone; it stands wherever that stands.
            if named == nil, let id = fact.id {
                named = held.last { $0.fact.id == id }?.fact.patient
            }
            switch named {
            case .number(let digits) where numbers.contains(digits):
                held.append(Held(fact: fact, position: event.position, time: event.time, subject: nil))
            case .subject(let subject) where subjects.contains(subject):
                held.append(Held(fact: fact, position: event.position, time: event.time, subject: subject))
            default: continue
            }
        }
        facts = held
        self.spent = spent
    }

    func of(_ kinds: FactSpec.Kind...) -> [Held] { facts.filter { kinds.contains($0.fact.kind) } }

    /// When a fact begins to count: where its `from` says, else when it was recorded.
    static func from(_ held: Held) -> Int64 {
        held.fact.from.map { LondonCalendar.start(of: $0) } ?? held.time
    }

    /// The last microsecond at which it counts.
    static func to(_ held: Held, orDays days: Int? = nil) -> Int64 {
        if let to = held.fact.to { return LondonCalendar.end(of: to) }
        if let days = held.fact.days ?? days {
            return LondonCalendar.end(of: LondonCalendar.adding(days, to: LondonCalendar.day(of: from(held))))
        }
        return .max
    }

    static func covers(_ held: Held, _ instant: Int64, orDays days: Int? = nil) -> Bool {
        from(held) <= instant && instant <= to(held, orDays: days)
    }
}
