/// What a hospital's message brings about beside its resources (decision 8): worked out from all that was said before, read afresh.
extension Prediction {
    /// Where a visit's relationship stands by what was recorded of it.
    private enum Standing: Equatable {
        case unknown
        case open(from: Int64?)
        case over(from: Int64?, to: Int64?)
        case neverWas
    }

    /// The facts about the visit, clauses 18 to 21.
    func visitFacts(_ message: MessageSpec, _ subject: SubjectName, now: Int64) -> [FactSpec] {
        guard let word = message.visit, let stated = message.timestamp?.microseconds else { return [] }
        if case .planned = word.state { return [] }
        // What comes from the future was said when it came.
        let sent = min(stated, now)
        let id = "visit \(message.source) \(word.number)"
        let union = Identity(events: events, placeholders: region?.placeholders ?? []).union(of: subject)
        var told: [FactSpec] = []
        var others: [(SubjectName, [FactSpec])] = []
        for event in events {
            guard case .fact(let fact) = event.what, fact.id == id, case .subject(let about) = fact.patient
            else { continue }
            if union.contains(about) { told.append(fact) }
            if let known = others.firstIndex(where: { $0.0 == about }) {
                others[known].1.append(fact)
            } else if !union.contains(about), fact.kind == .relationshipCreated {
                others.append((about, Self.told(id, of: about, in: events, before: event.position) + [fact]))
            }
        }
        // A newer word says that the visit is, or never was, another's.
        if others.contains(where: { $0.1.contains { sent < $0.asserted ?? 0 } }) { return [] }
        // It never was theirs who had it.
        var undone: [FactSpec] = []
        for (other, facts) in others {
            switch Self.standing(facts) {
            case .open(let from), .over(let from, _):
                undone.append(
                    fact(.relationshipEnded, id, other, sent) { $0.fromInstant = from })
            case .unknown, .neverWas: break
            }
        }
        // What was given away and comes back is as if it had never gone.
        let isNewest = !told.contains { sent < $0.asserted ?? 0 }
        if !undone.isEmpty, Self.standing(told) == .neverWas, isNewest { told = [] }
        return undone + ownFacts(word, id, subject, told, sent)
    }

    /// The facts of a visit about one subject before a position.
    private static func told(
        _ id: String, of subject: SubjectName, in events: [LoggedEvent], before position: UInt64
    ) -> [FactSpec] {
        events.prefix(Int(position) - 1).compactMap { event in
            guard case .fact(let fact) = event.what, fact.id == id, fact.patient == .subject(subject) else {
                return nil
            }
            return fact
        }
    }

    private func ownFacts(
        _ word: MessageSpec.VisitWord, _ id: String, _ subject: SubjectName, _ told: [FactSpec], _ sent: Int64
    ) -> [FactSpec] {
        // That somebody is still there says that they came, when they came.
        var said = sent
        if word.state == .goesOn {
            guard told.isEmpty else { return [] }
            said = min(sent, word.from)
        }
        let newest = told.compactMap(\.asserted).max()
        if let newest, said < newest { return [] }
        func begun(_ from: Int64?) -> FactSpec {
            fact(.relationshipCreated, id, subject, said) {
                ($0.word, $0.byFeed, $0.fromInstant) = ("encounter", true, from)
            }
        }
        func ended(_ to: Int64?) -> FactSpec {
            fact(.relationshipEnded, id, subject, said) { ($0.byFeed, $0.toInstant) = (true, to) }
        }
        func undone(_ from: Int64?) -> FactSpec {
            fact(.relationshipEnded, id, subject, said) { $0.fromInstant = from }
        }
        let standing = Self.standing(told)
        switch (word.state, standing) {
        case (.begins, .unknown), (.begins, .neverWas), (.goesOn, _):
            return [begun(word.from)] + (word.until.map { [ended($0)] } ?? [])
        case (.begins, .open) where word.until != nil: return [ended(word.until)]
        case (.begins, .over(let from, let to)) where word.until != to:
            return [begun(from ?? word.from)] + (word.until.map { [ended($0)] } ?? [])
        case (.ended(let to), .open): return [ended(to)]
        case (.ended(let to), .over(let from, let before)) where to != before:
            return [begun(from ?? word.from), ended(to)]
        case (.ended(let to), .unknown), (.ended(let to), .neverWas): return [begun(word.from), ended(to)]
        case (.neverWas, .open(let from)), (.neverWas, .over(let from, _)): return [undone(from)]
        case (.neverWas, .unknown): return [undone(nil)]
        default: break
        }
        // It is so already: said again, where this is newer.
        guard let newest, newest < said else { return [] }
        switch standing {
        case .unknown: return []
        case .open(let from): return [begun(from)]
        case .over(_, let to): return [ended(to)]
        case .neverWas: return [undone(nil)]
        }
    }

    private static func standing(_ told: [FactSpec]) -> Standing {
        var standing = Standing.unknown
        for fact in told {
            if fact.kind == .relationshipCreated {
                standing = .open(from: fact.fromInstant)
            } else if !fact.byFeed {
                standing = .neverWas
            } else {
                switch standing {
                case .open(let from), .over(let from, _): standing = .over(from: from, to: fact.toInstant)
                case .unknown, .neverWas: standing = .over(from: nil, to: fact.toInstant)
                }
            }
        }
        return standing
    }

    private func fact(
        _ kind: FactSpec.Kind, _ id: String, _ subject: SubjectName, _ said: Int64,
        _ fill: (inout FactSpec) -> Void
    ) -> FactSpec {
        var fact = FactSpec(kind: kind, id: id, patient: .subject(subject))
        (fact.organisation, fact.asserted) = (subject.organisation, said)
        fill(&fact)
        return fact
    }
}
