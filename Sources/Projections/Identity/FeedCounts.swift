import Wire

/// What one source sent, counted: as of the head only.
public struct FeedCounts: Hashable, Sendable {
    /// Messages taken.
    public var accepted: UInt64 = 0
    /// Messages that went to quarantine, whether or not they were taken since.
    public var quarantined: UInt64 = 0
    /// When its last message was recorded, of either kind.
    public var last: Instant?
    /// How long after its own time a message taken was recorded, in microseconds: of the last that said a time.
    public var lag: Int64?

    /// 1970: no message of a feed is older.
    private static let earliest = Instant(microseconds: 0)

    public init() {}

    mutating func accept(recordedAt: Instant, asserted: Instant?) {
        accepted += 1
        last = recordedAt
        // Who a message is about may be said as of long ago (decision 8, clause 8): that tells nothing of how late it came.
        guard let asserted, asserted > Self.earliest else { return }
        lag = max(0, recordedAt.microseconds - asserted.microseconds)
    }

    mutating func quarantine(recordedAt: Instant) {
        quarantined += 1
        last = recordedAt
    }

    /// Layout: u8 version = 1 ‖ u64 accepted ‖ u64 quarantined ‖ u8 has last ‖ i64 ‖ u8 has lag ‖ i64.
    var encoded: [UInt8] {
        var out = ByteWriter(capacity: 40)
        out.u8(1)
        out.u64(accepted)
        out.u64(quarantined)
        for value in [last?.microseconds, lag] {
            out.u8(value == nil ? 0 : 1)
            if let value { out.i64(value) }
        }
        return out.bytes
    }

    init(decoding bytes: ArraySlice<UInt8>) throws(WireError) {
        var reader = ByteReader(bytes)
        guard try reader.u8() == 1 else { throw WireError(.invalid, at: 0, what: "feed counts version") }
        (accepted, quarantined) = (try reader.u64(), try reader.u64())
        last = try reader.u8() == 1 ? Instant(microseconds: try reader.i64()) : nil
        lag = try reader.u8() == 1 ? try reader.i64() : nil
        try reader.end()
    }
}
