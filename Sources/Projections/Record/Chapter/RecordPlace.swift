import CareRecord
import Wire

/// A place in the order of a record's items, filled or not. Offsets are the record's buffer's.
struct RecordPlace: Sendable {
    var version: RecordVersion
    /// What names the item, and what patches of it start from: meta ‖ content of the keyframe's entry, or of the first that came later.
    let name: Range<UInt32>
    let nameMetaEnd: UInt32
    let category: UInt8
    var isPresent: Bool
    /// Of a patch: where it lies among the changes; else empty.
    var patch: Range<UInt32> = 0..<0
    /// Of a patch: bytes of the meta and of the whole that it makes.
    var metaBytes: UInt32 = 0
    var wholeBytes: UInt32 = 0

    /// Filled by a whole entry, of the keyframe or of the changes.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ next: FrameEntry, isInKeyframe: Bool) {
        let entry = next.entry
        name = UInt32(entry.dataStart)..<UInt32(entry.body.upperBound)
        version = Self.version(bytes, next, earlier: -1, isInKeyframe: isInKeyframe)
        nameMetaEnd = UInt32(entry.dataStart + entry.metaBytes)
        (category, isPresent) = (entry.category, !entry.isMoved)
    }

    /// Filled anew by a whole entry of the same item.
    mutating func fill(_ bytes: Span<UInt8>, _ next: FrameEntry) {
        version = Self.version(
            bytes, next, earlier: version.earlier, isInKeyframe: version.isInKeyframe)
        isPresent = !next.entry.isMoved
        patch = 0..<0
    }

    /// Filled anew by a patch, which is made whole once it is known to be in force.
    mutating func fill(patch next: FrameEntry) {
        version.position = Position(next.event.position)
        version.recordedAt = Instant(microseconds: next.event.recordedAt)
        version.item = next.entry.itemIndex
        patch = UInt32(next.entry.dataStart)..<UInt32(next.entry.body.upperBound)
        metaBytes = UInt32(next.entry.metaBytes)
        wholeBytes = UInt32(next.entry.wholeBytes)
        isPresent = true
    }

    @inline(__always)
    private static func version(
        _ bytes: Span<UInt8>, _ next: FrameEntry, earlier: Int32, isInKeyframe: Bool
    ) -> RecordVersion {
        let entry = next.entry
        return RecordVersion(
            position: Position(next.event.position),
            recordedAt: Instant(microseconds: next.event.recordedAt), item: entry.itemIndex,
            metaStart: UInt32(entry.dataStart), contentStart: UInt32(entry.dataStart + entry.metaBytes),
            contentEnd: UInt32(entry.body.upperBound), earlier: earlier, isInKeyframe: isInKeyframe,
            isTombstone: bytes[entry.dataStart + 1] != ItemMeta.Operation.upsert.rawValue)
    }

    /// The order of an entry and this item: category, type, id.
    func order(of entry: EntryBody, _ bytes: Span<UInt8>) throws(WireError) -> Int {
        if entry.category != category { return entry.category < category ? -1 : 1 }
        return try ItemHead.order(bytes, entry.meta, bytes, Int(name.lowerBound)..<Int(nameMetaEnd))
    }

    /// The order of the item that the other names, were it in that category, and this item.
    func order(of other: RecordPlace, in category: UInt8, _ bytes: Span<UInt8>) throws(WireError) -> Int {
        if category != self.category { return category < self.category ? -1 : 1 }
        return try ItemHead.order(
            bytes, Int(other.name.lowerBound)..<Int(other.nameMetaEnd), bytes,
            Int(name.lowerBound)..<Int(nameMetaEnd))
    }
}
