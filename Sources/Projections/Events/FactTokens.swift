import EventLog
import Wire

/// Whom a fact is about, as tokens: the meta of its item under the region's key, where nothing may name a person.
///
/// One token for most facts (a subject, or an NHS number); two for a link or a merge, in the order the fact names them; three for a
/// replaced number (subject, old number, new number).
public struct FactTokens: Hashable, Sendable {
    public var tokens: [StreamToken]

    public init(_ tokens: [StreamToken]) { self.tokens = tokens }

    /// Layout: u8 version = 1 ‖ varint count ‖ each 16 bytes.
    public var encoded: [UInt8] {
        var out = ByteWriter(capacity: 2 + tokens.count * 16)
        out.u8(1)
        out.varint(tokens.count)
        for token in tokens { out.token(token) }
        return out.bytes
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        guard try reader.u8() == 1 else { throw WireError(.invalid, at: 0, what: "fact tokens version") }
        tokens = []
        for _ in 0..<(try reader.length()) { tokens.append(try reader.token()) }
        try reader.end()
    }
}
