import Wire

/// One version of an item as it stands in a record: where it came from, and where its bytes lie in the record's
/// buffer. Servable as it is: nothing needs parsing to write it out.
public struct RecordVersion: Hashable, Sendable {
    /// The event that carried it.
    public var position: Position
    public var recordedAt: Instant
    var item: UInt32
    var metaStart: UInt32
    var contentStart: UInt32
    var contentEnd: UInt32
    /// Index of the version before it among `RecordBuffers.earlier`; below zero: none that the chapter has.
    var earlier: Int32
    /// Whether the chapter's keyframe has the item, in whatever category.
    var isInKeyframe: Bool
    /// Deleted or entered in error: the item is not shown, that it was there is. It has no content.
    public var isTombstone: Bool

    /// Its place among the items of the event's part A; 0 is the message itself.
    public var itemIndex: Int { Int(item) }
    /// Offsets of the encoded `ItemMeta` in the buffer.
    var meta: Range<Int> { Int(metaStart)..<Int(contentStart) }
    /// Offsets of the content in the buffer: the resource as intake derived it.
    var content: Range<Int> { Int(contentStart)..<Int(contentEnd) }
}
