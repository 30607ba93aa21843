import Wire

/// What an item says: bytes of its own, or bytes computed from item 0's content.
public enum ItemContent: Hashable, Sendable {
    case literal([UInt8])
    /// A splice of the content of item 0 of the same body.
    case derived(JSONSplice)
}

/// One item of a body, on its way into a record. The log treats both meta and content as opaque.
public struct BodyItem: Hashable, Sendable {
    public var meta: [UInt8]
    public var content: ItemContent

    public init(meta: [UInt8], content: ItemContent) {
        (self.meta, self.content) = (meta, content)
    }

    public init(meta: [UInt8] = [], _ literal: [UInt8]) {
        self.init(meta: meta, content: .literal(literal))
    }
}

/// Which of a record's two sealed parts.
public enum RecordPart: UInt8, Hashable, Sendable, CaseIterable {
    case a = 0
    case b = 1
}
