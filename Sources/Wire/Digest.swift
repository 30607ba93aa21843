/// A SHA-256 value, 32 bytes, held without an allocation.
public struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The bytes as four big-endian words.
    public var words: (UInt64, UInt64, UInt64, UInt64)

    public static let byteCount = 32
    public static let zero = Digest(words: (0, 0, 0, 0))

    public init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// - Returns: nil unless exactly 32 bytes are given.
    public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var w: [UInt64] = [0, 0, 0, 0]
        for (i, byte) in bytes.enumerated() { w[i >> 3] = w[i >> 3] << 8 | UInt64(byte) }
        words = (w[0], w[1], w[2], w[3])
    }

    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }

    public var bytes: [UInt8] {
        var out = ByteWriter(capacity: Self.byteCount)
        for word in [words.0, words.1, words.2, words.3] { out.u64(word) }
        return out.bytes
    }

    public var hex: String { Hex.encode(bytes) }
    public var description: String { hex }

    public static func == (a: Digest, b: Digest) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2 && a.words.3 == b.words.3
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.3)
    }
}
