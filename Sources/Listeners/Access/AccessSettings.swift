/// Whose tokens are taken.
public struct AccessSettings: Hashable, Sendable {
    /// The `iss` of tokens that the region's identity service signs; empty: it signs none for this server.
    public var issuer = ""
    /// The `aud` that a token must name: this server.
    public var audience = "daybook"
    /// A file or an address of the issuer's JSON Web Key Set.
    public var keys = ""
    /// This server's address for those outside: in links, and as the audience of clients' assertions. Empty: where it listens.
    public var address = ""

    public init() {}
}
