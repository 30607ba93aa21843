import CareRecord
import Intake
import Wire

/// What a feed's messages make of a patient's relationship (decisions 8 and 20): pure over what was recorded of it.
struct FeedRelationship {
    /// A recorded fact about it, oldest first.
    struct Known {
        var fact: PatientFact
        var recordedAt: Instant

        /// When it was said.
        var asserted: Instant { fact.asserted ?? recordedAt }
    }

    enum Standing: Equatable {
        /// Nothing was ever said of it.
        case none
        case open(from: Instant)
        case ended(from: Instant?, to: Instant)
        /// Said to have been, and then not to have.
        case undone
    }

    var kind = RelationshipKind.encounter
    /// Whether a newer word that changes nothing is recorded: not where the message's own record says when it was said (`spoken`).
    var isSaidAgain = true
    let known: [Known]
    /// When it was last spoken of, by what messages carry beside facts.
    var spoken: Instant?

    /// When the newest word on it was said.
    var newest: Instant? { [known.map(\.asserted).max(), spoken].compactMap(\.self).max() }

    /// What a message says of it.
    struct Word {
        var state: RelationshipState
        /// When it began, where the message says so.
        var from: Instant?
        /// Whether it says that it stands; one that merely tells something about it opens none that has ended.
        var opens = true
    }

    func facts(_ change: VisitChange, asserted: Instant, now: Instant) -> [PatientFact] {
        let word = Word(state: change.state, from: change.from, opens: change.opens)
        return facts(word, asserted: asserted, now: now)
    }

    /// The facts that make it what the message says, oldest first; none where a newer message said otherwise.
    ///
    /// - Parameters:
    ///   - asserted: when the message said so.
    ///   - now: what the message says cannot have come later than it was said to us.
    func facts(_ word: Word, asserted: Instant, now: Instant) -> [PatientFact] {
        var said = asserted
        if case .open = word.state, !word.opens {
            // That a visit goes on tells of its beginning, at the time of that: it holds nothing against what ended it since.
            guard known.isEmpty else { return [] }
            said = min(word.from ?? asserted, asserted)
        }
        let newest = newest
        if let newest, said < newest { return [] }
        var made = made(word, said: said, now: now)
        // What changes nothing is said again, where it is newer: so that what was said in between, and comes late, undoes nothing.
        if made.isEmpty, isSaidAgain, newest.map({ $0 < said }) ?? false { made = again }
        return made.map { fact in
            var fact = fact
            fact.asserted = said
            return fact
        }
    }

    private func made(_ word: Word, said: Instant, now: Instant) -> [PatientFact] {
        // Whoever was admitted has come; a care plan, or a list, may begin on a day to come.
        let from = kind == .encounter ? word.from.map { min($0, now) } : word.from
        switch (word.state, standing) {
        case (.open(let until), .none): return begin(from) + ending(until)
        case (.open(let until), .open): return ending(until)
        case (.open(let until), .ended(let before, let to)):
            // A discharge taken back never was; but who comes back to a list comes then.
            let start = kind == .encounter ? before ?? from : from ?? before
            return until != to ? begin(start) + ending(until) : []
        case (.open(let until), .undone): return begin(from) + ending(until)
        case (.ended(let to), .open): return ending(min(to, now))
        case (.ended(let to), .ended(let before, let already)):
            return min(to, now) == already ? [] : begin(before ?? from) + ending(min(to, now))
        case (.ended(let to), .none), (.ended(let to), .undone):
            // Its coming was never told, or taken back: it was, and is over.
            return begin(from ?? min(to, now)) + ending(min(to, now))
        case (.over, .open): return ending(said)
        case (.over, .ended(_, let to)): return said < to ? ending(said) : []
        case (.over, .none): return begin(from ?? said) + ending(said)
        case (.over, .undone): return []
        case (.neverWas, .undone): return []
        case (.neverWas, .open(let from)): return [undone(from)]
        case (.neverWas, .ended(let from, _)): return [undone(from)]
        // What it cancels may yet come, late: then this is the newer word.
        case (.neverWas, .none): return [undone(nil)]
        }
    }

    /// Whether a cancel finds nothing to cancel.
    var isUnknown: Bool { standing == .none }

    var standing: Standing {
        known.reduce(.none) { before, next in
            switch next.fact.kind {
            case .relationshipCreated: return .open(from: next.fact.from ?? next.recordedAt)
            case .relationshipEnded:
                guard next.fact.byFeed else { return .undone }
                var from: Instant?
                switch before {
                case .open(let start): from = start
                case .ended(let start, _): from = start
                case .none, .undone: break
                }
                return .ended(from: from, to: next.fact.to ?? next.fact.from ?? next.recordedAt)
            default: return before
            }
        }
    }

    private var again: [PatientFact] {
        switch standing {
        case .none: []
        case .open(let from): begin(from)
        case .ended(_, let to): ending(to)
        case .undone: [undone(nil)]
        }
    }

    private func begin(_ from: Instant?) -> [PatientFact] {
        var fact = PatientFact(.relationshipCreated)
        fact.relationship = kind
        fact.from = from
        fact.byFeed = true
        return [fact]
    }

    /// Ended by the feed: the grace period follows.
    private func ending(_ to: Instant?) -> [PatientFact] {
        guard let to else { return [] }
        var fact = PatientFact(.relationshipEnded)
        fact.to = to
        fact.byFeed = true
        return [fact]
    }

    /// It never was: it is over from its beginning, and no grace follows.
    private func undone(_ from: Instant?) -> PatientFact {
        var fact = PatientFact(.relationshipEnded)
        fact.from = from
        return fact
    }
}
