/// The key store's named limits.
public enum KeyLimits {
    /// Keys made durable in one commit, ahead of use.
    public static let batch: UInt64 = 1024
    /// Members of one joint key; more than these get joint keys of their own, which are its members.
    public static let jointMembers = 64
    /// Unwrapped keys kept in memory, about 200 bytes each.
    public static let cachedKeys = 1 << 16
    /// Address space for the environment, bytes: about 500 million keys.
    public static let mapBytes = 64 << 30
}
