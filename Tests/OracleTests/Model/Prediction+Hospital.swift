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
    func visitFacts(_ message: MessageSpec, _ subject: SubjectName) -> [FactSpec] {
        guard let word = message.visit, let sent = message.timestamp?.microseconds else { return [] }
        let id = "visit \(message.source) \(word.number)"
        let told = events.compactMap { event -> FactSpec? in
            guard case .fact(let fact) = event.what, fact.id == id else { return nil }
            return fact
        }
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
        case (.begins, .unknown), (.begins, .neverWas), (.goesOn, _): return [begun(word.from)]
        case (.begins, .over(let from, _)): return [begun(from ?? word.from)]
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

    /// A message to an id that the last merge naming it retired opens a review, once for each id (clause 27).
    func retiredReview(_ message: MessageSpec, _ subject: SubjectName) -> [LoggedEvent.What] {
        guard message.isHL7 else { return [] }
        var isRetired = false
        for event in events {
            guard case .fact(let fact) = event.what, fact.pair.contains(subject) else { continue }
            if fact.kind == .merged { isRetired = fact.pair[1] == subject }
            if fact.kind == .mergeReversed { isRetired = false }
        }
        let isOpened = events.contains { event in
            if case .retiredReview(subject) = event.what { true } else { false }
        }
        return isRetired && !isOpened ? [.retiredReview(subject)] : []
    }
}
