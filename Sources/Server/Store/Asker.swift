/// Who asks: the operating system's user, and the person known to policy where one is named.
public struct Asker: Hashable, Sendable {
    public var systemUser: String
    /// `--operator`, or whom a token names: a user of the policy. Nil on a simulated-clock store means the store's owner.
    public var user: String?
    /// Of a request over HTTP: the role profile that its token chose, which has to be in force.
    public var profile: String?
    /// Of a request over HTTP: what it says of itself.
    public var call: CallDetails?

    public init(systemUser: String, user: String? = nil) { (self.systemUser, self.user) = (systemUser, user) }

    /// Whoever was let in over HTTP.
    ///
    /// - Returns: nil for a caller who is no user of the policy.
    init?(_ caller: Caller) {
        guard let viewer = caller.viewer else { return nil }
        (systemUser, user) = (Store.systemUser, viewer.user)
        (profile, call) = (viewer.profile, caller.call)
    }
}
