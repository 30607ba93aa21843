import CareRecord

/// What a token says whose signature, issuer, audience and time were found good. Nothing of it is believed of a person until
/// policy says so.
public struct TokenClaims: Hashable, Sendable {
    /// The user of the policy; nil where the client asks for itself.
    public var user: String?
    /// The role profile chosen at sign-in.
    public var profile: String?
    /// The organisation of that profile, where the token says it.
    public var organisation: String?
    public var client: String
    public var scopes: Scopes
    /// The patient in context: what `patient/` scopes are about.
    public var patient: PatientReference?
    /// The patient in context is whoever asks: their own token.
    public var isPatientThemself = false
    /// Signed by this store for trying things out: its client need not be registered.
    public var isDevelopment = false

    public init(user: String?, client: String, scopes: Scopes) {
        (self.user, self.client, self.scopes) = (user, client, scopes)
    }
}

/// What a request says of itself, for its receipt.
public struct CallDetails: Hashable, Sendable {
    /// The client, as the token names it.
    public var client: String?
    /// The W3C trace id: 32 hexadecimal digits.
    public var trace: String
    /// The client's own number for the request, which a missing receipt can be proved with.
    public var sequence: String?

    public init(client: String? = nil, trace: String = "", sequence: String? = nil) {
        (self.client, self.trace, self.sequence) = (client, trace, sequence)
    }
}
