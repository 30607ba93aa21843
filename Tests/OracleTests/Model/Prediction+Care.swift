/// What a message says of whose care its patient is in (decision 20): worked out from all that was said before, read afresh.
extension Prediction {
    private enum Standing: Equatable {
        case unknown
        case open(from: Int64?)
        case over(from: Int64?, to: Int64)
        case neverWas
    }

    /// A relationship: whom it serves, by what resource.
    private struct Key: Hashable {
        var org: String
        var item: String
    }

    /// One statement, and what is meant by it.
    private struct Said {
        var kind: String
        var source: String
        var subject: SubjectName
        var time: Int64
        var now: Int64
        var isPerson: Bool
    }

    func careFacts(_ message: MessageSpec, _ subject: SubjectName, now: Int64) -> [FactSpec] {
        var out: [FactSpec] = []
        for (word, item, said) in careWords(message, subject, now: now) { out += facts(word, item, said) }
        return out
    }

    /// When a practice says whether it has a patient, whatever comes of it.
    func registrationWords(_ message: MessageSpec, _ subject: SubjectName, now: Int64) -> [Word] {
        careWords(message, subject, now: now).filter { $0.2.isPerson }.map { _, item, said in
            Word(about: Self.registration(item, of: said.source), said: said.time)
        }
    }

    private static func registration(_ item: String, of source: String) -> String {
        "registration \(source) \(item)"
    }

    private func careWords(
        _ message: MessageSpec, _ subject: SubjectName, now: Int64
    ) -> [(CareWord, String, Said)] {
        var words = message.items.compactMap { item -> (CareWord, String, Int64)? in
            guard var word = item.care else { return nil }
            // What is deleted, or was an error, names nobody and never was.
            if item.operation != .upsert { word = CareWord(kind: word.kind, state: .neverWas) }
            let stated = (item.updated ?? message.timestamp)?.microseconds ?? now
            return (word, "\(item.type)/\(item.localID)", min(stated, now))
        }
        if let word = message.care, let sent = message.timestamp?.microseconds {
            words.append((word, "Patient/\(subject.localID)", min(sent, now)))
        }
        return words.compactMap { word, item, time in
            guard let kind = relationship(word.kind, of: subject.organisation) else { return nil }
            let isPerson = word.kind == .person
            // Who names nobody says nothing.
            if isPerson, word.organisations.isEmpty, word.state == .open(until: nil) { return nil }
            let said = Said(
                kind: kind, source: subject.organisation, subject: subject, time: time, now: now,
                isPerson: isPerson)
            return (word, item, said)
        }
    }

    /// Practices have lists, community services and councils caseloads; anybody refers.
    private func relationship(_ kind: CareWord.Kind, of source: String) -> String? {
        let holder = region?.organisations.first { $0.ods == source }?.kind
        switch (kind, holder) {
        case (.referral, _): return "referral"
        case (.person, "gp"), (.episode, "gp"): return "registration"
        case (.episode, "community"), (.episode, "local-authority"), (.team, "community"),
            (.team, "local-authority"):
            return "caseload"
        default: return nil
        }
    }

    private func facts(_ word: CareWord, _ item: String, _ said: Said) -> [FactSpec] {
        let identity = Identity(events: events, placeholders: region?.placeholders ?? [])
        var isOpen = false
        if case .open = word.state { isOpen = true }
        var served = Set(word.organisations.filter { $0 == said.source })
        if said.kind == "referral" {
            served = Set(word.organisations.filter { isOpen ? isInForce($0, said.now) : listed.contains($0) })
        }
        let union = identity.union(of: said.subject)
        var items = [item]
        if said.isPerson, word.state != .neverWas { items += retired(into: said.subject, identity) }
        var known: [Key: [(FactSpec, Int64)]] = [:]
        for event in events {
            guard case .fact(let fact) = event.what, let id = fact.id, let org = fact.organisation,
                case .subject(let about) = fact.patient, union.contains(about),
                let found = items.first(where: { Self.id(said, $0, org) == id })
            else { continue }
            known[Key(org: org, item: found), default: []].append((fact, event.time))
        }
        var out: [FactSpec] = []
        for org in served.sorted() {
            let key = Key(org: org, item: item)
            // A practice takes nothing back that it never said.
            if said.isPerson, known[key] == nil, !isOpen { continue }
            out += settled(word.state, began(word, said), key, known[key] ?? [], said)
        }
        if said.isPerson, isOpen, !served.isEmpty { return out }
        let others = known.keys.filter { !($0.item == item && served.contains($0.org)) }
        for key in others.sorted(by: { ($0.org, $0.item) < ($1.org, $1.item) }) {
            out += settled(word.state == .neverWas ? .neverWas : .over, nil, key, known[key] ?? [], said)
        }
        if served.isEmpty, others.isEmpty, !said.isPerson, said.kind != "referral",
            !word.organisations.isEmpty
        {
            out += settled(.neverWas, nil, Key(org: said.source, item: item), [], said)
        }
        return out
    }

    private func isInForce(_ ods: String, _ now: Int64) -> Bool {
        guard let one = region?.organisations.first(where: { $0.ods == ods }) else { return false }
        return one.closed.map { now < LondonCalendar.start(of: $0) } ?? true
    }

    /// A registration begins when it is said; a referral no later than that.
    private func began(_ word: CareWord, _ said: Said) -> Int64? {
        if said.isPerson { return said.time }
        return said.kind == "referral" ? min(word.from ?? said.time, said.time) : word.from
    }

    /// The facts that make it so, none where a newer word stands against it.
    private func settled(
        _ state: CareWord.State, _ from: Int64?, _ key: Key, _ told: [(FactSpec, Int64)], _ said: Said
    ) -> [FactSpec] {
        var newest = told.compactMap(\.0.asserted).max()
        if said.isPerson, let spoken = newestWords[Self.registration(key.item, of: said.source)] {
            newest = max(newest ?? spoken, spoken)
        }
        if let newest, said.time < newest { return [] }
        var blank = FactSpec(
            kind: .relationshipEnded, id: Self.id(said, key.item, key.org), patient: .subject(said.subject))
        (blank.organisation, blank.asserted) = (key.org, said.time)
        func begun(_ from: Int64?) -> [FactSpec] {
            var fact = blank
            (fact.kind, fact.word, fact.byFeed, fact.fromInstant) = (
                .relationshipCreated, said.kind, true, from
            )
            return [fact]
        }
        func ended(_ to: Int64?) -> [FactSpec] {
            guard let to else { return [] }
            var fact = blank
            (fact.byFeed, fact.toInstant) = (true, to)
            return [fact]
        }
        func undone(_ from: Int64?) -> [FactSpec] {
            var fact = blank
            fact.fromInstant = from
            return [fact]
        }
        let standing = Self.standing(told)
        var made: [FactSpec] = []
        switch (Self.bounded(state, said), standing) {
        case (.open(let until), .unknown), (.open(let until), .neverWas): made = begun(from) + ended(until)
        case (.open(let until), .open): made = ended(until)
        case (.open(let until), .over(let before, let to)):
            if until != to { made = begun(from ?? before) + ended(until) }
        case (.ended(let to), .open): made = ended(to)
        case (.ended(let to), .over(let before, let already)):
            if to != already { made = begun(before ?? from) + ended(to) }
        case (.ended(let to), .unknown), (.ended(let to), .neverWas): made = begun(from ?? to) + ended(to)
        case (.over, .open): made = ended(said.time)
        case (.over, .over(_, let to)): if said.time < to { made = ended(said.time) }
        case (.over, .unknown): made = begun(from ?? said.time) + ended(said.time)
        case (.neverWas, .open(let from)), (.neverWas, .over(let from, _)): made = undone(from)
        case (.neverWas, .unknown): made = undone(nil)
        case (.over, .neverWas), (.neverWas, .neverWas): break
        }
        // It is so already: said again, where this is newer; but when a practice last said it of an id is known anyway.
        let isKnown = said.isPerson && key.item == "Patient/\(said.subject.localID)"
        guard made.isEmpty, !isKnown, let newest, newest < said.time else { return made }
        switch standing {
        case .unknown: return []
        case .open(let from): return begun(from)
        case .over(_, let to): return ended(to)
        case .neverWas: return undone(nil)
        }
    }

    /// What ended did so by now; a referral without an end lasts for a year of days.
    private static func bounded(_ state: CareWord.State, _ said: Said) -> CareWord.State {
        switch state {
        case .ended(let to): return .ended(min(to, said.now))
        case .open(nil) where said.kind == "referral":
            return .open(
                until: LondonCalendar.end(
                    of: LondonCalendar.adding(365, to: LondonCalendar.day(of: said.time))))
        default: return state
        }
    }

    private static func standing(_ told: [(FactSpec, Int64)]) -> Standing {
        var standing = Standing.unknown
        for (fact, time) in told {
            if fact.kind == .relationshipCreated {
                standing = .open(from: fact.fromInstant ?? time)
            } else if !fact.byFeed {
                standing = .neverWas
            } else {
                var from: Int64?
                if case .open(let began) = standing { from = began }
                if case .over(let began, _) = standing { from = began }
                standing = .over(from: from, to: fact.toInstant ?? time)
            }
        }
        return standing
    }

    private static func id(_ said: Said, _ item: String, _ org: String) -> String {
        "care \(said.kind) \(said.source) \(item) \(org)"
    }

    /// The source's own ids that the last word on the two merged into this one.
    private func retired(into survivor: SubjectName, _ identity: Identity) -> [String] {
        var last: [SubjectName: FactSpec] = [:]
        for event in events {
            guard case .fact(let fact) = event.what, [.merged, .mergeReversed].contains(fact.kind),
                fact.pair.contains(survivor)
            else { continue }
            last[fact.pair[0] == survivor ? fact.pair[1] : fact.pair[0]] = fact
        }
        return last.filter { other, fact in
            fact.kind == .merged && fact.pair[0] == survivor && other.organisation == survivor.organisation
                && identity.firstSeen(other) != nil
        }.keys.sorted().map { "Patient/\($0.localID)" }
    }
}
