import CareRecord
import Wire

/// One held item and what policy decided of it: what `explain` and `diff` read. Not for showing as it is.
public struct ItemOutcome: Sendable {
    public var item: ItemDescriptor
    /// `Type/id` within Daybook.
    public var reference: String
    public var position: Position
    public var recordedAt: Instant
    public var decision: Decision
}
