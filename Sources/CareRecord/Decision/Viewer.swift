/// Who asks, with the role profile chosen at sign-in: its id (`ODS/CODE` where it was declared without one), or nil
/// where the user has only one in force.
public struct Viewer: Hashable, Sendable {
    public var user: String
    public var profile: String?

    /// The longest id that policy can give a user, a purpose or a profile, bytes of UTF-8.
    public static let maximumIDBytes = 128

    public init(user: String, profile: String? = nil) { (self.user, self.profile) = (user, profile) }
}

/// The viewer as they were at the point: what a receipt says of them.
public struct ViewerIdentity: Hashable, Sendable {
    public var user: String
    public var name: String?
    public var scope: UserDetails.Scope?
    /// The role profile's id.
    public var profile: String?
    public var role: String?
    public var roleName: String?
    public var organisation: String?
    public var organisationName: String?
    public var workgroups: [String]
    public var activities: [String]

    public init(
        user: String, name: String? = nil, scope: UserDetails.Scope? = nil, profile: String? = nil,
        role: String? = nil,
        roleName: String? = nil, organisation: String? = nil, organisationName: String? = nil,
        workgroups: [String] = [], activities: [String] = []
    ) {
        self.user = user
        self.name = name
        self.scope = scope
        self.profile = profile
        self.role = role
        self.roleName = roleName
        self.organisation = organisation
        self.organisationName = organisationName
        self.workgroups = workgroups
        self.activities = activities
    }
}
