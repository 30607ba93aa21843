import EventLog
import Wire

/// The key of a row: subject token 16 ‖ complement of the first position u64 BE. The newest row of a subject comes
/// first, and the row that holds a position is the first at or after that position's own key.
struct RecordRowKey: Hashable, Sendable {
    static let byteCount = 24

    var token: StreamToken
    var first: UInt64

    var bytes: [UInt8] {
        var out = ByteWriter(capacity: Self.byteCount)
        out.u64(token.high)
        out.u64(token.low)
        out.u64(~first)
        return out.bytes
    }

    init(token: StreamToken, first: UInt64) {
        (self.token, self.first) = (token, first)
    }

    /// - Returns: nil for bytes that are no such key.
    init?(_ key: UnsafeRawBufferPointer) {
        guard key.count == Self.byteCount else { return nil }
        // Read on every move of a cursor: loads instead of a loop over bytes.
        token = StreamToken(
            high: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            low: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        first = ~UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
    }
}
