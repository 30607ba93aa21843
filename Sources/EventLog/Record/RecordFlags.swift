/// The header's flags, 16 bits. A set bit that is not named here is refused when a header is parsed.
public struct RecordFlags: OptionSet, Hashable, Sendable {
    public let rawValue: UInt16

    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The record counts for its stream's version: readers of the stream wait for it, conditions see it.
    public static let advancesStream = RecordFlags(rawValue: 1 << 0)
    /// The message fields of the header are filled. Set by `SealedRecord` where it is given a key.
    public static let hasMessageKey = RecordFlags(rawValue: 1 << 1)
    /// On the first record only: this log's clock is set by its callers, for good.
    public static let simulatedClock = RecordFlags(rawValue: 1 << 2)
    /// Slot A is not the stream's own key (a joint key, say), so it says nothing about the stream's slot.
    public static let foreignSlotA = RecordFlags(rawValue: 1 << 3)
    /// Slot B is not the stream's own key.
    public static let foreignSlotB = RecordFlags(rawValue: 1 << 4)

    static let known: RecordFlags = [
        .advancesStream, .hasMessageKey, .simulatedClock, .foreignSlotA, .foreignSlotB,
    ]
}
