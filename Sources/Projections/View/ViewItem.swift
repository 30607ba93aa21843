import CareRecord
import Wire

/// One item that a view shows.
public struct ViewItem: Sendable {
    /// Read in place: thousands of items a second are shown, and few of their names are asked for as text.
    let meta: ItemMetaView
    /// What was put in the place of the item's own name.
    private(set) var givenReference: String?
    /// Where the version shown stands in the log.
    public var position: Position
    public var recordedAt: Instant
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

    init(
        _ item: HeldItem, source: String, rule: String, basis: [Position], redaction: Redaction = []
    ) {
        meta = item.meta
        position = item.version.position
        recordedAt = item.version.recordedAt
        category = item.category
        resource = item.version.isTombstone ? nil : item.content
        self.source = source
        self.rule = rule
        self.basis = basis
        self.redaction = redaction
    }

    /// `Type/id` within Daybook; empty where the asker may see accesses but not content.
    public var reference: String {
        get {
            givenReference
                ?? String(decoding: meta.type, as: UTF8.self) + "/"
                + String(decoding: meta.daybookID, as: UTF8.self)
        }
        set { givenReference = newValue }
    }

    /// When it was clinically true, as the source sent it.
    public var effective: String? { meta.effective.map { String(decoding: $0, as: UTF8.self) } }
}
