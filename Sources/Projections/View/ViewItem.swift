import CareRecord
import Wire

/// One item that a view shows.
public struct ViewItem: Sendable {
    /// `Type/id` within Daybook; empty where the asker may see accesses but not content.
    public var reference: String
    /// Where the version shown stands in the log.
    public var position: Position
    public var recordedAt: Instant
    /// When it was clinically true, as the source sent it.
    public var effective: String?
    /// The source's ODS code; empty where a shield hides it.
    public var source: String
    public var category: Category
    public var rule: String
    public var basis: [Position]
    /// JSON; nil for a tombstone, or where the asker may see accesses but not content.
    public var resource: ArraySlice<UInt8>?
    /// What must be taken out of it before it is shown.
    public var redaction: Redaction
    /// Of a corrected result: what it said before.
    public var previous: PreviousVersion?

    public init(
        reference: String, position: Position, recordedAt: Instant, effective: String?, source: String,
        category: Category, rule: String, basis: [Position], resource: ArraySlice<UInt8>?,
        redaction: Redaction = []
    ) {
        self.reference = reference
        self.position = position
        self.recordedAt = recordedAt
        self.effective = effective
        self.source = source
        self.category = category
        self.rule = rule
        self.basis = basis
        self.resource = resource
        self.redaction = redaction
    }
}
