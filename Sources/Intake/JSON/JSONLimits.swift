/// What a document may be at most.
public struct JSONLimits: Hashable, Sendable {
    /// Bytes. At most `JSONLimits.ceiling`.
    public var bytes: Int
    /// Objects and arrays inside one another.
    public var depth: Int

    /// Bytes: offsets on the tape are 32 bits wide.
    public static let ceiling = 1 << 30

    public init(bytes: Int = 64 << 20, depth: Int = 64) {
        self.bytes = min(bytes, Self.ceiling)
        self.depth = depth
    }

    public static let standard = JSONLimits()
}
