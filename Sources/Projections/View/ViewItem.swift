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
    private(set) var ground: ItemGround
    public var category: Category
    /// JSON; nil for a tombstone, or where the asker may see accesses but not content.
    public var resource: ArraySlice<UInt8>?
    /// What must be taken out of it before it is shown.
    public var redaction: Redaction
    /// Of a corrected result: what it said before.
    public var previous: PreviousVersion?

    init(_ item: HeldItem, _ ground: ItemGround, redaction: Redaction = []) {
        meta = item.meta
        position = item.version.position
        recordedAt = item.version.recordedAt
        category = item.category
        resource = item.version.isTombstone ? nil : item.content
        self.ground = ground
        self.redaction = redaction
    }

    /// The source's ODS code; empty where a shield hides it.
    public var source: String { ground.source }
    public var rule: String { ground.rule }
    public var basis: [Position] { ground.basis }

    /// Leaves neither the source nor the events that decided.
    mutating func hideSource() { ground = ItemGround(source: "", rule: rule, basis: []) }

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

    /// The events that any of the items stands on.
    public static func basis(of items: [ViewItem]) -> Set<Position> {
        var out: Set<Position> = []
        var last: ItemGround?
        for index in items.indices where items[index].ground !== last {
            last = items[index].ground
            out.formUnion(items[index].basis)
        }
        return out
    }

    /// The sources of the items.
    public static func sources(of items: [ViewItem]) -> Set<String> {
        var out: Set<String> = []
        var last: ItemGround?
        for index in items.indices where items[index].ground !== last {
            last = items[index].ground
            out.insert(items[index].source)
        }
        return out
    }
}
