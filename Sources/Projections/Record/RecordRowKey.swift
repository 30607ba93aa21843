import EventLog
import Wire

/// The key of a row: subject token 16 ‖ category u8 ‖ complement of the first position u64 BE. The newest row of a category comes
/// first, and the row that holds a position is the first at or after that position's own key.
struct RecordRowKey: Hashable, Sendable {
    static let byteCount = 25

    var token: StreamToken
    var category: UInt8
    var first: UInt64

    var bytes: [UInt8] {
        var out = ByteWriter(capacity: Self.byteCount)
        out.u64(token.high)
        out.u64(token.low)
        out.u8(category)
        out.u64(~first)
        return out.bytes
    }

    init(token: StreamToken, category: UInt8, first: UInt64) {
        (self.token, self.category, self.first) = (token, category, first)
    }

    /// - Returns: nil for bytes that are no such key.
    init?(_ key: UnsafeRawBufferPointer) {
        guard key.count == Self.byteCount else { return nil }
        // Read on every move of a cursor: loads instead of a loop over bytes.
        token = StreamToken(
            high: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            low: UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        category = key[16]
        first = ~UInt64(bigEndian: key.loadUnaligned(fromByteOffset: 17, as: UInt64.self))
    }
}
