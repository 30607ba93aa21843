/// What one message may be at most. Beyond a limit a message is refused, whole, with its reason.
public struct IntakeLimits: Hashable, Sendable {
    /// Bytes of one message.
    public var messageBytes: Int
    /// Objects and arrays inside one another.
    public var depth: Int
    /// Entries of one Bundle.
    public var entries: Int
    /// Bytes of a resource's id (FHIR R4 `id`: 64 characters).
    public var idBytes: Int
    /// Bytes of the codes and references of one item: what its meta may hold.
    public var metaBytes: Int

    public init(
        messageBytes: Int = 64 << 20, depth: Int = 64, entries: Int = 100_000, idBytes: Int = 64,
        metaBytes: Int = 2 << 20
    ) {
        self.messageBytes = messageBytes
        self.depth = depth
        self.entries = entries
        self.idBytes = idBytes
        self.metaBytes = metaBytes
    }

    public static let standard = IntakeLimits()
}
