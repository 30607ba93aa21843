/// Who runs a command: the operating system's user, and the person known to policy where one is named.
public struct Asker: Hashable, Sendable {
    public var systemUser: String
    /// `--operator`: a user of the policy. Nil on a simulated-clock store means the store's owner.
    public var user: String?

    public init(systemUser: String, user: String? = nil) { (self.systemUser, self.user) = (systemUser, user) }
}
