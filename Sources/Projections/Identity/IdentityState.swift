import EventLog
import Wire

/// Which NHS numbers one subject bears, as of one position: its assertion in force, less what was replaced.
///
/// Numbers are keyed tokens: the identity read model holds nothing that names a person.
public struct IdentityState: Hashable, Sendable {
    public struct Number: Hashable, Sendable {
        public var token: StreamToken
        public var verified: Bool

        public init(token: StreamToken, verified: Bool) { (self.token, self.verified) = (token, verified) }
    }

    /// When the assertion in force says it was made; nil before any assertion.
    public var asserted: Instant?
    /// Where the assertion in force is; its demographics are read from there.
    public var position: Position
    /// As the assertion in force states them.
    public var stated: [Number]
    /// Taken away for good by a replacement.
    public var removed: [StreamToken]
    /// What the latest replacement gave.
    public var added: StreamToken?

    public init(
        asserted: Instant? = nil, position: Position = .start, stated: [Number] = [],
        removed: [StreamToken] = [], added: StreamToken? = nil
    ) {
        self.asserted = asserted
        self.position = position
        self.stated = stated
        self.removed = removed
        self.added = added
    }

    /// The numbers borne: stated, less those removed, and the one added, which counts as verified.
    public var borne: [Number] {
        var out = stated.filter { !removed.contains($0.token) && $0.token != added }
        if let added { out.append(Number(token: added, verified: true)) }
        return out
    }

    /// Takes an assertion unless it is older than the one in force.
    ///
    /// - Returns: whether it is now in force.
    @discardableResult
    public mutating func assert(_ numbers: [Number], asserted: Instant, at position: Position) -> Bool {
        if let current = self.asserted, asserted < current { return false }
        self.asserted = asserted
        self.position = position
        stated = numbers
        return true
    }

    public mutating func replace(_ old: StreamToken, by new: StreamToken) {
        if !removed.contains(old) { removed.append(old) }
        removed.removeAll { $0 == new }
        added = new
    }

    /// Layout: u8 version = 1 ‖ u8 has assertion ‖ i64 asserted ‖ u64 position ‖ varint count, each 16 bytes and u8 verified ‖
    /// varint count of removed, each 16 bytes ‖ u8 has added ‖ 16 bytes.
    var encoded: [UInt8] {
        var out = ByteWriter(capacity: 64)
        out.u8(1)
        out.u8(asserted == nil ? 0 : 1)
        if let asserted { out.i64(asserted.microseconds) }
        out.u64(position.value)
        out.varint(stated.count)
        for number in stated {
            out.token(number.token)
            out.u8(number.verified ? 1 : 0)
        }
        out.varint(removed.count)
        for token in removed { out.token(token) }
        out.u8(added == nil ? 0 : 1)
        if let added { out.token(added) }
        return out.bytes
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        guard try reader.u8() == 1 else { throw WireError(.invalid, at: 0, what: "identity state version") }
        asserted = try reader.u8() == 1 ? Instant(microseconds: try reader.i64()) : nil
        position = Position(try reader.u64())
        stated = []
        for _ in 0..<(try reader.length()) {
            stated.append(Number(token: try reader.token(), verified: try reader.u8() == 1))
        }
        removed = []
        for _ in 0..<(try reader.length()) { removed.append(try reader.token()) }
        added = try reader.u8() == 1 ? try reader.token() : nil
        try reader.end()
    }
}

extension ByteWriter {
    mutating func token(_ token: StreamToken) {
        u64(token.high)
        u64(token.low)
    }
}

extension ByteReader {
    mutating func token() throws(WireError) -> StreamToken {
        StreamToken(high: try u64(), low: try u64())
    }
}
