/// A program that may ask over HTTP: the most that its tokens may carry, and whose right it has where it asks for itself.
public struct ClientDetails: Hashable, Sendable, Codable {
    public var id: String
    public var name: String
    /// The ODS code of whoever runs it.
    public var org: String
    /// SMART scopes: no token of it may carry more.
    public var scopes: [String]
    /// Whom policy takes it for where it asks for itself; nil: it never may.
    public var user: String?
    public var profile: String?
    /// JSON Web Keys, public, that its assertions are signed with (RFC 7523), each as JSON.
    public var keys: [String]

    public init(
        id: String, name: String, org: String, scopes: [String], user: String? = nil, profile: String? = nil,
        keys: [String] = []
    ) {
        (self.id, self.name, self.org, self.scopes) = (id, name, org, scopes)
        (self.user, self.profile, self.keys) = (user, profile, keys)
    }
}
