import CareRecord
import Intake
import Wire

/// What a visit's messages make of the patient's relationship with the hospital (decision 7): pure over what was recorded of it.
struct VisitRelationship {
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

    let known: [Known]

    /// The facts that make it what the message says, oldest first; none where a newer message said otherwise.
    ///
    /// - Parameters:
    ///   - asserted: when the message said so.
    ///   - now: what the message says cannot have come later than it was said to us.
    func facts(_ change: VisitChange, asserted: Instant, now: Instant) -> [PatientFact] {
        var said = asserted
        if case .open = change.state, !change.opens {
            // That a visit goes on tells of its beginning, at the time of that: it holds nothing against what ended it since.
            guard known.isEmpty else { return [] }
            said = min(change.from ?? asserted, asserted)
        }
        let newest = known.map(\.asserted).max()
        if let newest, said < newest { return [] }
        var made = made(change, now: now)
        // What changes nothing is said again, where it is newer: so that what was said in between, and comes late, undoes nothing.
        if made.isEmpty, newest.map({ $0 < said }) ?? false { made = again }
        return made.map { fact in
            var fact = fact
            fact.asserted = said
            return fact
        }
    }

    private func made(_ change: VisitChange, now: Instant) -> [PatientFact] {
        let from = change.from.map { min($0, now) }
        switch (change.state, standing) {
        case (.open(let until), .none): return begin(from) + ending(until)
        case (.open(let until), .open): return ending(until)
        case (.open(let until), .ended(let before, let to)):
            return until != to ? begin(before ?? from) + ending(until) : []
        case (.open(let until), .undone): return begin(from) + ending(until)
        case (.ended(let to), .open): return ending(min(to, now))
        case (.ended(let to), .ended(let before, let already)):
            return min(to, now) == already ? [] : begin(before ?? from) + ending(min(to, now))
        case (.ended(let to), .none), (.ended(let to), .undone):
            // Its coming was never told, or taken back: it was, and is over.
            return begin(from ?? min(to, now)) + ending(min(to, now))
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
        fact.relationship = .encounter
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
