import Wire

/// A licence of an organisation's pool, held by a user.
public struct LicenceAssignment: Hashable, Sendable, Codable {
    public var user: String
    public var ods: String
    /// Nil: the recorded instant.
    public var from: Instant?

    public init(user: String, ods: String, from: Instant? = nil) {
        (self.user, self.ods, self.from) = (user, ods, from)
    }
}
