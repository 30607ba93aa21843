import CareRecord

/// Who asks over HTTP, found good at the moment of asking: a person or a client, under policy, within a token's scopes.
public struct Caller: Hashable, Sendable {
    /// In whose right.
    public enum Authority: Hashable, Sendable {
        /// A user of the policy, in the role profile that the token chose.
        case user(Viewer)
        /// A patient, for the trail of their own record.
        case patient(PatientReference)
        /// A client of that organisation that asks for itself and acts as no user: it may send, and see nothing.
        case source(String)
    }

    public var authority: Authority
    /// As policy has them now; nil for a patient.
    public var identity: ViewerIdentity?
    public var scopes: Scopes
    /// The patient in context.
    public var patient: PatientReference?
    /// The client asks for itself, and acts as a user that policy names.
    public var isSystem: Bool
    public var purpose: String
    public var call: CallDetails
    /// The organisation of a client that asks for itself: whose updates it may send.
    public var source: String?

    public var viewer: Viewer? {
        if case .user(let viewer) = authority { viewer } else { nil }
    }

    /// Whether the token lets do that with resources of the type.
    ///
    /// - Parameter isInContext: the patient asked about is the one in context.
    public func may(_ interactions: Scopes.Interactions, _ type: String, isInContext: Bool) -> Bool {
        var levels: Set<Scopes.Level> = isSystem ? [.system] : [.user]
        if isInContext, !isSystem { levels.insert(.patient) }
        if case .patient = authority { levels = [.patient] }
        return scopes.allow(interactions, on: type, at: levels)
    }
}

/// Why a request was not let in. Each is recorded; what is told says no more than the word.
public struct CallerRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// 401 where another token would do, 403 where it would not, 400 where the request says something that is none.
    public enum Kind: Hashable, Sendable { case unauthenticated, forbidden, malformed }

    public var kind: Kind
    /// A word for programs, such as `expired`.
    public var reason: String
    /// A sentence for people.
    public var text: String
    /// What is known of whoever asked, if anything is.
    public var claims: TokenClaims?

    public init(_ kind: Kind, _ reason: String, _ text: String, claims: TokenClaims? = nil) {
        (self.kind, self.reason, self.text, self.claims) = (kind, reason, text, claims)
    }

    public var description: String { text }
}
