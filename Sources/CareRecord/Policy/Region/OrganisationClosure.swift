import Wire

/// The end of a partner, and who becomes controller of its subjects.
public struct OrganisationClosure: Hashable, Sendable, Codable {
    /// A successor, and the subjects it takes where the organisation splits.
    public struct Successor: Hashable, Sendable, Codable {
        public var ods: String
        /// Local ids; nil takes every subject that no other successor names.
        public var subjects: [String]?

        public init(ods: String, subjects: [String]? = nil) { (self.ods, self.subjects) = (ods, subjects) }
    }

    public var ods: String
    /// Nil: the recorded instant.
    public var from: Instant?
    public var successors: [Successor]

    public init(ods: String, from: Instant? = nil, successors: [Successor] = []) {
        (self.ods, self.from, self.successors) = (ods, from, successors)
    }
}
