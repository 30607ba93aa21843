/// One token of a scanned document: where it stands in the bytes, and where the next value begins on the
/// tape.
///
/// A member is its `key` token followed by its value's tokens. 16 bytes, no reference to the bytes
/// themselves.
public struct JSONToken: Hashable, Sendable {
    public enum Kind: UInt8, Hashable, Sendable {
        case object, array, key, string, number, `true`, `false`, null
    }

    /// Byte offset of the first byte; the quote, for keys and strings.
    public var start: UInt32
    /// Byte offset after the last byte.
    public var end: UInt32
    /// Tape index after this token and everything inside it; for a key, of its value.
    public var next: UInt32
    public var kind: Kind
    /// Whether a key or string has a backslash escape.
    public var isEscaped: Bool

    @inline(__always) init(_ kind: Kind, start: Int, end: Int, next: Int, isEscaped: Bool = false) {
        self.start = UInt32(truncatingIfNeeded: start)
        self.end = UInt32(truncatingIfNeeded: end)
        self.next = UInt32(truncatingIfNeeded: next)
        self.kind = kind
        self.isEscaped = isEscaped
    }

    /// The bytes of the token, quotes included.
    @inline(__always) public var range: Range<Int> { Int(start)..<Int(end) }
    /// The bytes between a key's or string's quotes.
    @inline(__always) public var inner: Range<Int> { Int(start) + 1..<Int(end) - 1 }
}
