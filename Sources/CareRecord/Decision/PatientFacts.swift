import Wire

/// What is recorded about one patient's sharing: the facts of every subject of a union, as identity has it at the
/// position. Facts of links and merges do not belong here: they made the union.
public struct PatientFacts: Sendable {
    /// Which subjects of the union a fact names.
    public enum Scope: Hashable, Sendable {
        /// Every one of them.
        case union
        /// Those at these indices of `subjects`: the one subject named, or the bearers of the number named.
        case subjects([Int])

        func names(_ subject: Int) -> Bool {
            switch self {
            case .union: true
            case .subjects(let named): named.contains(subject)
            }
        }

        /// For restrictions: a fact whose subjects are not told names all.
        func restricts(_ subject: Int) -> Bool { self == .subjects([]) || names(subject) }
    }

    public struct Entry: Sendable {
        public var fact: PatientFact
        public var position: Position
        public var recordedAt: Instant
        public var scope: Scope
        /// Kept from a subject that is no longer linked: binds as a restriction, and grants nothing.
        public var carried: Bool

        public init(
            _ fact: PatientFact, position: Position, recordedAt: Instant, scope: Scope = .union,
            carried: Bool = false
        ) {
            self.fact = fact
            self.position = position
            self.recordedAt = recordedAt
            self.scope = scope
            self.carried = carried
        }
    }

    /// The union's subjects; items refer to them by index.
    public var subjects: [SubjectID]
    /// In any order; entries past the decision's position are left out by the decision.
    public var entries: [Entry]

    public init(subjects: [SubjectID], entries: [Entry]) {
        (self.subjects, self.entries) = (subjects, entries)
    }
}
