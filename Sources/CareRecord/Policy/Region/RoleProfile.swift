import Wire

/// One role of one user at one organisation: what is chosen at sign-in.
public struct RoleProfile: Hashable, Sendable, Codable {
    public var user: String
    /// As declared, else `ODS/CODE`. Unique among a user's profiles.
    public var id: String
    public var org: String
    public var code: String
    public var workgroups: [String]
    /// Nil: the recorded instant of the assignment.
    public var from: Instant?
    /// The last instant; nil: no end.
    public var to: Instant?

    public init(
        user: String, id: String? = nil, org: String, code: String, workgroups: [String] = [],
        from: Instant? = nil,
        to: Instant? = nil
    ) {
        self.user = user
        self.id = id ?? "\(org)/\(code)"
        self.org = org
        self.code = code
        self.workgroups = workgroups
        self.from = from
        self.to = to
    }
}
