/// What `identity review list` must tell, from the whole list of events (decision 8, clause 30).
struct ReviewQueue {
    struct Entry: Hashable {
        var id: String
        var reason: String
        var subjects: [SubjectName]
        /// How the two compare; nil where there is one.
        var birthDates: String?
        var familyNames: String?
        var givenNames: String?
        /// Where it was opened, for one that a message opened.
        var opened: UInt64?
    }

    private let identity: Identity
    private let events: [LoggedEvent]

    init(events: [LoggedEvent], placeholders: [String]) {
        self.events = events
        identity = Identity(events: events, placeholders: placeholders)
    }

    var entries: [Entry] { pairs + raised }

    /// Whether the two are linked by the last word on a link between them.
    func areLinked(_ a: SubjectName, _ b: SubjectName) -> Bool { identity.edge(a, b, .link) ?? false }

    private var raised: [Entry] {
        events.compactMap { event in
            guard case .review(let review) = event.what else { return nil }
            let isDecided = events.contains { later in
                if case .reviewDecided(event.position) = later.what { true } else { false }
            }
            return isDecided
                ? nil : entry("r\(event.position)", review.reason, review.subjects, opened: event.position)
        }
    }

    /// Of those who bear one number and are not one patient: each later one with each before, but for whom somebody set apart.
    private var pairs: [Entry] {
        struct Group {
            var union: Set<SubjectName>
            var subject: SubjectName
            var seen: UInt64
        }
        let seen = identity.seen
        let all = Set(seen.flatMap { identity.numbers(of: $0).map(\.digits) })
        var out: [String: Entry] = [:]
        for number in all {
            var groups: [Group] = []
            for subject in seen where identity.numbers(of: subject).contains(where: { $0.digits == number }) {
                guard let first = identity.firstSeen(subject) else { continue }
                if groups.contains(where: { $0.union.contains(subject) }) { continue }
                // In the order in which they were first seen: the first of a union names it.
                groups.append(Group(union: identity.union(of: subject), subject: subject, seen: first))
            }
            for (index, later) in groups.enumerated() {
                for first in groups[..<index] where !areApart(first.union, later.union) {
                    let id = "p\(first.seen)-\(later.seen)"
                    out[id] = entry(id, "same-number", [first.subject, later.subject], opened: nil)
                }
            }
        }
        return Array(out.values)
    }

    private func areApart(_ a: Set<SubjectName>, _ b: Set<SubjectName>) -> Bool {
        a.contains { one in b.contains { identity.edge(one, $0, .link) == false } }
    }

    private func entry(_ id: String, _ reason: String, _ subjects: [SubjectName], opened: UInt64?) -> Entry {
        var entry = Entry(id: id, reason: reason, subjects: subjects, opened: opened)
        guard subjects.count == 2 else { return entry }
        let said = subjects.map { identity.assertionInForce(of: $0)?.said }
        entry.birthDates = Self.compared(said.map { $0?.birthDate }) { _, _ in false }
        entry.familyNames = Self.compared(said.map { $0?.family }) { Names.agree($0, $1, rule: "similar") }
        entry.givenNames = Self.compared(said.map { $0?.given }) { Names.agree($0, $1, rule: "similar") }
        return entry
    }

    private static func compared(_ two: [String?], _ areAlike: (String, String) -> Bool) -> String {
        guard let a = two[0], let b = two[1] else { return "unknown" }
        return a == b ? "same" : areAlike(a, b) ? "similar" : "different"
    }
}
