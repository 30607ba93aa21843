import CareRecord
import Wire

/// One item that a view shows: places in the bytes of its subject's record. What few items have beside those is kept apart, so that an
/// item costs one reference to count.
public struct ViewItem: Sendable {
    /// Where the resource is: nowhere, in the record, or beside it.
    enum Content: Sendable {
        case none, record, own
    }

    /// What was put in the place of what the record says, and what stands beside it.
    private final class Own: Sendable {
        let reference: String?
        let resource: ArraySlice<UInt8>
        let previous: PreviousVersion?

        init(reference: String?, resource: ArraySlice<UInt8>, previous: PreviousVersion?) {
            (self.reference, self.resource, self.previous) = (reference, resource, previous)
        }
    }

    let meta: ItemMetaPlaces
    private let contentStart: UInt32
    private let contentEnd: UInt32
    private(set) var content: Content
    private var own: Own?
    private(set) var ground: ItemGround
    /// Where the version shown stands in the log.
    public let position: Position
    public let recordedAt: Instant
    public let category: Category
    /// What must be taken out of it before it is shown.
    public let redaction: Redaction

    /// - Parameter made: the content, where it is not the version's own.
    init(
        _ item: HeldItem, _ ground: ItemGround, redaction: Redaction = [], made: ArraySlice<UInt8>? = nil
    ) {
        (self.ground, self.redaction) = (ground, redaction)
        (meta, category) = (item.meta, item.category)
        (position, recordedAt) = (item.version.position, item.version.recordedAt)
        (contentStart, contentEnd) = (item.version.contentStart, item.version.contentEnd)
        content = item.version.isTombstone ? .none : .record
        if let made { resource = made }
    }

    /// One version of an item, as it may be shown.
    ///
    /// - Parameter ground: with the bytes of its meta alone.
    init(
        _ meta: ItemMetaPlaces, at position: Position, _ recordedAt: Instant, _ ground: ItemGround,
        _ category: Category, resource: ArraySlice<UInt8>?
    ) {
        (self.meta, self.ground, self.category) = (meta, ground, category)
        (self.position, self.recordedAt, redaction) = (position, recordedAt, [])
        (contentStart, contentEnd, content) = (0, 0, .none)
        if let resource { self.resource = resource }
    }

    var buffers: RecordBuffers { ground.buffers }

    /// Where the resource lies in the record, where it is the record's.
    var recordContent: Range<Int> { Int(contentStart)..<Int(contentEnd) }

    /// JSON; nil for a tombstone, or where the asker may see accesses but not content.
    public var resource: ArraySlice<UInt8>? {
        get {
            switch content {
            case .none: nil
            case .record: buffers.bytes[recordContent]
            case .own: own?.resource
            }
        }
        set {
            content = newValue == nil ? .none : .own
            own = Own(
                reference: own?.reference, resource: newValue ?? [], previous: own?.previous)
        }
    }

    /// Of a corrected result: what it said before.
    public var previous: PreviousVersion? {
        get { own?.previous }
        set {
            if newValue == nil, own == nil { return }
            own = Own(reference: own?.reference, resource: own?.resource ?? [], previous: newValue)
        }
    }

    /// Whether its resource is not the version's own bytes.
    public var isMade: Bool { content == .own }

    /// Whether it has what few have: a name, content or an earlier version put in.
    var hasOwn: Bool { own != nil }

    /// What was put in the place of the item's own name.
    var givenReference: String? { own?.reference }

    /// `Type/id` within Daybook; empty where the asker may see accesses but not content.
    public var reference: String {
        get { givenReference ?? meta.reference(in: buffers.bytes) }
        set { own = Own(reference: newValue, resource: own?.resource ?? [], previous: own?.previous) }
    }

    /// The source's ODS code; empty where a shield hides it.
    public var source: String { ground.source }
    public var rule: String { ground.rule }
    public var basis: [Position] { ground.basis }

    /// Leaves neither the source nor the events that decided.
    mutating func hideSource() { ground = ItemGround(buffers, source: "", rule: rule, basis: []) }

    /// When it was clinically true, as the source sent it.
    public var effective: String? {
        meta.effective.map { String(decoding: buffers.bytes[$0], as: UTF8.self) }
    }

    /// Bytes of type, id and effective time together.
    var shownBytes: Int { meta.shownBytes }

    /// Bytes of the resource.
    var resourceBytes: Int {
        switch content {
        case .none: 0
        case .record: Int(contentEnd - contentStart)
        case .own: own?.resource.count ?? 0
        }
    }

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

extension ItemMetaPlaces {
    /// `Type/id` within Daybook.
    func reference(in bytes: [UInt8]) -> String {
        String(decoding: bytes[type], as: UTF8.self) + "/" + String(decoding: bytes[daybookID], as: UTF8.self)
    }
}
