/// Who a patient is at a position, read afresh from the whole list of events (decision 3).
struct Identity {
    struct Borne: Hashable {
        var digits: String
        var verified: Bool
    }

    struct Assertion {
        var subject: SubjectName
        /// Microseconds, never after the record.
        var time: Int64
        var position: UInt64
        var said: MessageSpec.Assertion
    }

    private let events: [LoggedEvent]
    private let placeholders: Set<String>

    /// - Parameter events: those up to the position in question, no later ones.
    init(events: [LoggedEvent], placeholders: [String]) {
        self.events = events
        self.placeholders = Set(placeholders)
    }

    /// Where a subject was first heard of: the first record about it.
    func firstSeen(_ subject: SubjectName) -> UInt64? {
        for event in events {
            if case .update(_, let about) = event.what, about == subject { return event.position }
        }
        return nil
    }

    var seen: [SubjectName] {
        var out: [SubjectName] = []
        for event in events {
            if case .update(_, let about) = event.what, !out.contains(about) { out.append(about) }
        }
        return out
    }

    func assertions(of subject: SubjectName) -> [Assertion] {
        var out: [Assertion] = []
        for event in events {
            guard case .update(let message, let about) = event.what, about == subject,
                let said = message.assertion
            else { continue }
            let updated = message.items.last { $0.type == "Patient" && $0.operation == .upsert }?.updated
            let stated = (message.asserted ?? updated ?? message.timestamp)?.microseconds ?? event.time
            out.append(
                Assertion(
                    subject: subject, time: min(stated, event.time), position: event.position, said: said))
        }
        return out
    }

    func assertionInForce(of subject: SubjectName) -> Assertion? {
        var best: Assertion?
        for one in assertions(of: subject) where best.map({ $0.time <= one.time }) ?? true { best = one }
        return best
    }

    func isPlaceholder(_ digits: String) -> Bool { Set(digits).count == 1 || placeholders.contains(digits) }

    func numbers(of subject: SubjectName) -> [Borne] {
        var out: [Borne] = []
        for stated in assertionInForce(of: subject)?.said.numbers ?? [] {
            let borne = Borne(digits: stated.digits, verified: stated.verified)
            if !out.contains(borne) { out.append(borne) }
        }
        var latest: String?
        for event in events {
            guard case .fact(let fact) = event.what, fact.kind == .nhsNumberReplaced,
                fact.patient == .subject(subject)
            else { continue }
            out.removeAll { $0.digits == fact.numbers[0] }
            latest = fact.numbers[1]
        }
        if let latest {
            out.removeAll { $0.digits == latest }
            out.append(Borne(digits: latest, verified: true))
        }
        return out.filter { !isPlaceholder($0.digits) }
    }

    enum EdgeKind { case link, merge }

    /// The latest word on an edge: whether it stands; nil where nothing was ever said.
    func edge(_ a: SubjectName, _ b: SubjectName, _ kind: EdgeKind) -> Bool? {
        var stands: Bool?
        for event in events {
            guard let (left, right, said, joins) = Self.edge(of: event), said == kind else { continue }
            if (left == a && right == b) || (left == b && right == a) { stands = joins }
        }
        return stands
    }

    private static func edge(
        of event: LoggedEvent
    ) -> (SubjectName, SubjectName, EdgeKind, joins: Bool)? {
        switch event.what {
        case .link(let a, let b): return (a, b, .link, true)
        case .fact(let fact):
            switch fact.kind {
            case .linked: return (fact.pair[0], fact.pair[1], .link, true)
            case .unlinked: return (fact.pair[0], fact.pair[1], .link, false)
            case .merged: return (fact.pair[0], fact.pair[1], .merge, true)
            case .mergeReversed: return (fact.pair[0], fact.pair[1], .merge, false)
            default: return nil
            }
        default: return nil
        }
    }

    /// The same region's identity, when only these events were there.
    func asOf(_ events: [LoggedEvent]) -> Identity {
        Identity(events: events, placeholders: Array(placeholders))
    }

    /// Whom a subject was parted from, and where, with nothing said of the two since.
    func partings(of subject: SubjectName) -> [(SubjectName, UInt64)] {
        var open: [SubjectName: UInt64] = [:]
        for event in events {
            guard let (a, b, _, joins) = Self.edge(of: event), a == subject || b == subject else { continue }
            let other = a == subject ? b : a
            open[other] = nil
            if joins { continue }
            let before = asOf(Array(events.prefix(Int(event.position) - 1)))
            if before.union(of: subject).contains(other) { open[other] = event.position }
        }
        let now = union(of: subject)
        return open.filter { !now.contains($0.key) }.map { ($0.key, $0.value) }
    }

    /// The last event that joined the patient's subjects, or parted one of them from somebody who is known.
    func changed(_ patient: Patient) -> UInt64? {
        guard let first = patient.subjects.first else { return nil }
        let union = union(of: first)
        return events.last { event in
            guard let (a, b, _, _) = Self.edge(of: event) else { return false }
            return (union.contains(a) && firstSeen(b) != nil) || (union.contains(b) && firstSeen(a) != nil)
        }?.position
    }

    /// Everything reachable over standing edges, seen or not.
    func union(of subject: SubjectName) -> Set<SubjectName> {
        var reached: Set<SubjectName> = [subject]
        let named = events.compactMap(Self.edge)
        while true {
            let before = reached.count
            for (a, b, kind, _) in named where edge(a, b, kind) == true {
                if reached.contains(a) || reached.contains(b) { reached.formUnion([a, b]) }
            }
            if reached.count == before { return reached }
        }
    }
}
