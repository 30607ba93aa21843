/// What a role may do and see, published for the whole region.
public struct RoleBaseline: Hashable, Sendable, Codable {
    /// Role code (NHS national role-based access control: R8000 Clinical Practitioner …).
    public var code: String
    public var name: String
    public var categories: CategorySet
    /// Labels whose items the role may see.
    public var labels: [String]
    public var activities: [String]

    public init(
        code: String, name: String, categories: CategorySet, labels: [String] = [], activities: [String] = []
    ) {
        self.code = code
        self.name = name
        self.categories = categories
        self.labels = labels
        self.activities = activities
    }
}
