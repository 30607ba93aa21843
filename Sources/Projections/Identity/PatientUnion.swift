import EventLog
import Wire

/// Who a patient is at a position: the subjects linked then, and what is known of them besides.
public struct PatientUnion: Hashable, Sendable {
    /// By first position, then token.
    public var subjects: [StreamToken]
    /// Every number that any of the subjects bears, by token.
    public var numbers: [StreamToken]
    /// Other groups of subjects that bear the number asked for, and are not shown.
    public var apart: Int
    /// The last fact that joined these subjects, or parted one from another that is known; nil where there is none.
    public var changed: Position?

    public init(subjects: [StreamToken], numbers: [StreamToken], apart: Int = 0, changed: Position? = nil) {
        self.subjects = subjects
        self.numbers = numbers
        self.apart = apart
        self.changed = changed
    }
}

/// What resolving a patient asks of a read model, all as of one position that the implementation knows.
public protocol IdentityLookups {
    func state(of subject: StreamToken) throws(ProjectionError) -> IdentityState?
    /// Subjects that bore the number at some time up to the position.
    func everBore(_ number: StreamToken) throws(ProjectionError) -> [StreamToken]
    /// The facts about edges of a subject, oldest first.
    func edges(of subject: StreamToken) throws(ProjectionError) -> [IdentityEdge]
    /// The first source update about the subject; nil where there is none yet.
    func firstSeen(_ subject: StreamToken) throws(ProjectionError) -> Position?
}

extension IdentityLookups {
    /// The union of a subject (decision 3, clauses 4 and 5); nil where none of it was seen yet.
    public func union(of subject: StreamToken) throws(ProjectionError) -> PatientUnion? {
        try union(from: subject)
    }

    /// The patient who bears the number (decision 3, clause 6); nil where nobody does.
    public func union(bearing number: StreamToken) throws(ProjectionError) -> PatientUnion? {
        var groups: [(union: PatientUnion, verified: Bool, first: Position)] = []
        for subject in try everBore(number) {
            guard let borne = try state(of: subject)?.borne.first(where: { $0.token == number }),
                let seen = try firstSeen(subject)
            else { continue }
            if let known = groups.firstIndex(where: { $0.union.subjects.contains(subject) }) {
                groups[known].verified = groups[known].verified || borne.verified
                groups[known].first = min(groups[known].first, seen)
            } else if let union = try union(from: subject) {
                groups.append((union, borne.verified, seen))
            }
        }
        let chosen = groups.min { a, b in
            if a.verified != b.verified { return a.verified }
            return a.first < b.first
        }
        guard var union = chosen?.union else { return nil }
        union.apart = groups.count - 1
        return union
    }

    private func union(from start: StreamToken) throws(ProjectionError) -> PatientUnion? {
        let reached = try linked(with: start)
        var changed: Position?
        for subject in reached {
            // An edge to a subject that nothing was ever recorded of changed nothing that could be seen.
            for edge in try edges(of: subject) where try firstSeen(edge.other) != nil {
                changed = max(changed ?? .start, edge.position)
            }
        }
        var seen: [(first: Position, subject: StreamToken)] = []
        var numbers: Set<StreamToken> = []
        for subject in reached {
            guard let first = try firstSeen(subject) else { continue }
            seen.append((first, subject))
            for number in try state(of: subject)?.borne ?? [] { numbers.insert(number.token) }
        }
        if seen.isEmpty { return nil }
        seen.sort { ($0.first, $0.subject) < ($1.first, $1.subject) }
        return PatientUnion(subjects: seen.map(\.subject), numbers: numbers.sorted(), changed: changed)
    }

    /// The subjects an edge of either kind joins to this one now.
    private func standing(of subject: StreamToken) throws(ProjectionError) -> [StreamToken] {
        var latest: [IdentityEdgeKey: Bool] = [:]
        for edge in try edges(of: subject) {
            latest[IdentityEdgeKey(other: edge.other, kind: edge.kind)] = edge.stands
        }
        return latest.compactMap { $0.value ? $0.key.other : nil }
    }
}

private struct IdentityEdgeKey: Hashable {
    var other: StreamToken
    var kind: IdentityEdge.Kind
}

extension IdentityLookups {
    /// Everyone linked with the subject, itself included, seen or not.
    public func linked(with subject: StreamToken) throws(ProjectionError) -> Set<StreamToken> {
        var reached: Set<StreamToken> = [subject]
        var queue = [subject]
        while let next = queue.popLast() {
            for other in try standing(of: next) where reached.insert(other).inserted { queue.append(other) }
        }
        return reached
    }

    /// Whether an edge of the kind stands between the two; nil where no fact ever spoke of one.
    public func edge(
        _ kind: IdentityEdge.Kind, between a: StreamToken, and b: StreamToken
    ) throws(ProjectionError) -> Bool? {
        try edges(of: a).last { $0.other == b && $0.kind == kind }?.stands
    }
}
