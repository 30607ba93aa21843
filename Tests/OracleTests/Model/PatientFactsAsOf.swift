/// The facts about one patient that a decision may read, with whom of the view's subjects each names.
struct PatientFactsAsOf {
    struct Held {
        var fact: FactSpec
        var position: UInt64
        /// Microseconds.
        var time: Int64
        /// The one subject named, or those that bear the number named.
        var names: Set<SubjectName>
        /// Kept from whoever was the same person before an unlink: it restricts, and grants nothing.
        var carried = false
    }

    private(set) var facts: [Held]
    let subjects: [SubjectName]
    /// The receipts that spent a `once` permission, by its position.
    let spent: [UInt64: UInt64]

    init(events: [LoggedEvent], identity: Identity, patient: Identity.Patient?, asked: PatientName) {
        subjects = patient?.subjects ?? []
        var bearers: [String: Set<SubjectName>] = [:]
        for subject in subjects {
            for borne in identity.numbers(of: subject) { bearers[borne.digits, default: []].insert(subject) }
        }
        var held: [Held] = []
        var spent: [UInt64: UInt64] = [:]
        for event in events {
            if case .receipt(let positions) = event.what {
                for position in positions where spent[position] == nil { spent[position] = event.position }
            }
            guard case .fact(let fact) = event.what,
                let named = Self.patient(of: fact, in: events, event.position)
            else { continue }
            var names: Set<SubjectName>?
            switch named {
            case .number(let digits):
                names = bearers[digits] ?? (named == asked ? [] : nil)
            case .subject(let subject):
                names = subjects.contains(subject) ? [subject] : named == asked ? [] : nil
            }
            guard let names else { continue }
            held.append(Held(fact: fact, position: event.position, time: event.time, names: names))
        }
        facts = held
        self.spent = spent
        carry(events, identity)
    }

    private static let carriedKinds: Set<FactSpec.Kind> = [
        .dissentSet, .dissentWithdrawn, .consentDirective, .directiveWithdrawn, .sealApplied, .sealLifted,
        .itemLabelled, .shieldSet, .shieldCleared, .staffExcluded, .staffExclusionEnded, .objectionReceived,
        .objectionUpheld, .objectionDeclined,
    ]

    /// After an unlink restrictions stay on both, until the two are linked again or kept apart once more.
    private mutating func carry(_ events: [LoggedEvent], _ identity: Identity) {
        var out: [Held] = []
        for (other, parted) in subjects.flatMap({ identity.partings(of: $0) }) {
            let then = Array(events.prefix(Int(parted) - 1))
            let before = identity.asOf(then)
            let seen = before.union(of: other).filter { before.firstSeen($0) != nil }
            let numbers = Set(seen.flatMap { before.numbers(of: $0).map(\.digits) })
            for event in then {
                guard case .fact(let fact) = event.what, Self.carriedKinds.contains(fact.kind),
                    !(facts + out).contains(where: { $0.position == event.position })
                else { continue }
                switch Self.patient(of: fact, in: events, event.position) {
                case .number(let digits) where numbers.contains(digits): break
                case .subject(let subject) where seen.contains(subject): break
                default: continue
                }
                out.append(
                    Held(
                        fact: fact, position: event.position, time: event.time, names: Set(subjects),
                        carried: true))
            }
        }
        if !out.isEmpty { facts = (facts + out).sorted { $0.position < $1.position } }
    }

    /// Whom a fact names: an ending that names only what it ends stands where that stands.
    private static func patient(
        of fact: FactSpec, in events: [LoggedEvent], _ position: UInt64
    ) -> PatientName? {
        if let patient = fact.patient { return patient }
        guard let id = fact.id else { return nil }
        for event in events.reversed() where event.position < position {
            if case .fact(let begun) = event.what, begun.id == id, let patient = begun.patient {
                return patient
            }
        }
        return nil
    }

    /// Those that count at an instant, and were not ended by it: an ending says its last day, or counts from its record on.
    func inForce(_ kind: FactSpec.Kind, endedBy ending: FactSpec.Kind, at instant: Int64) -> [Held] {
        of(kind).filter { begun in
            guard Self.covers(begun, instant) else { return false }
            return !of(ending).contains { ended in
                guard ended.fact.id == begun.fact.id, ended.position > begun.position else { return false }
                let end = ended.fact.to.map { LondonCalendar.end(of: $0) }
                return end.map { instant > $0 } ?? (instant >= ended.time)
            }
        }
    }

    func of(_ kinds: FactSpec.Kind...) -> [Held] { facts.filter { kinds.contains($0.fact.kind) } }

    /// When a fact begins to count: where its `from` says, else when it was recorded.
    static func from(_ held: Held) -> Int64 {
        if let instant = held.fact.fromInstant { return instant }
        if let from = held.fact.from { return LondonCalendar.start(of: from) }
        if held.fact.kind == .deceased, let date = held.fact.date { return LondonCalendar.start(of: date) }
        return held.time
    }

    /// The end of the day that so many days after an instant lead to.
    static func end(_ days: Int, after instant: Int64) -> Int64 {
        LondonCalendar.end(of: LondonCalendar.adding(days, to: LondonCalendar.day(of: instant)))
    }

    /// The last microsecond at which it counts.
    static func to(_ held: Held) -> Int64 {
        if let instant = held.fact.toInstant { return instant }
        if let to = held.fact.to { return LondonCalendar.end(of: to) }
        if let days = held.fact.days { return end(days, after: from(held)) }
        return .max
    }

    static func covers(_ held: Held, _ instant: Int64) -> Bool {
        from(held) <= instant && instant <= to(held)
    }
}
