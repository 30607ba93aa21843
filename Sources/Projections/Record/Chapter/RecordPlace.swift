import CareRecord
import Wire

/// A place in the order of a record's items, filled or not.
struct RecordPlace: Sendable {
    var version: RecordVersion
    /// What names the item: a whole entry of the keyframe, or the first of those that came later.
    var name: EntryBody
    /// Of a patch: where it lies among the changes.
    var patch: EntryBody?
    var isPresent: Bool

    /// Filled by a whole entry.
    @inline(__always)
    init(_ bytes: Span<UInt8>, _ next: FrameEntry, _ buffer: RecordVersion.Buffer) {
        let entry = next.entry
        version = RecordVersion(
            position: Position(next.event.position),
            recordedAt: Instant(microseconds: next.event.recordedAt), item: entry.itemIndex,
            metaStart: UInt32(entry.dataStart), contentStart: UInt32(entry.dataStart + entry.metaBytes),
            contentEnd: UInt32(entry.body.upperBound), buffer: buffer,
            isTombstone: bytes[entry.dataStart + 1] != ItemMeta.Operation.upsert.rawValue)
        (name, patch, isPresent) = (entry, nil, !entry.isMoved)
    }
}
