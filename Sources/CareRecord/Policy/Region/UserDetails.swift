import Wire

/// A person who may sign in.
public struct UserDetails: Hashable, Sendable, Codable {
    public enum Scope: String, Hashable, Sendable, Codable, CaseIterable { case region }

    public var id: String
    public var name: String
    /// `region`: accesses by users, and to items, of every organisation, for roles that review.
    public var scope: Scope?
    /// Nil: the recorded instant.
    public var from: Instant?

    public init(id: String, name: String, scope: Scope? = nil, from: Instant? = nil) {
        (self.id, self.name, self.scope, self.from) = (id, name, scope, from)
    }
}
