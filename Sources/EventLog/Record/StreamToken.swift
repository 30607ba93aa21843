import Wire

/// A subject as the log sees it: 16 bytes of a keyed hash. Without the index key it tells nothing.
public struct StreamToken: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public var high: UInt64
    /// The last eight bytes, big-endian.
    public var low: UInt64

    public static let byteCount = 16
    /// No subject: all zero.
    public static let none = StreamToken(high: 0, low: 0)

    @inlinable public init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

    /// - Returns: nil unless exactly 16 bytes are given.
    @inlinable public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == 16 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for byte in bytes.prefix(8) { words.0 = words.0 << 8 | UInt64(byte) }
        for byte in bytes.dropFirst(8) { words.1 = words.1 << 8 | UInt64(byte) }
        self.init(high: words.0, low: words.1)
    }

    public var isNone: Bool { high == 0 && low == 0 }

    public var bytes: [UInt8] {
        var out = ByteWriter(capacity: Self.byteCount)
        out.u64(high)
        out.u64(low)
        return out.bytes
    }

    public static func < (a: StreamToken, b: StreamToken) -> Bool { (a.high, a.low) < (b.high, b.low) }

    public var description: String { Hex.encode(bytes) }
}
