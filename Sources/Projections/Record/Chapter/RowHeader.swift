import Wire

/// The clear front of a stored row, sealed in with it as additional data.
///
/// u8 kind ‖ varint key slot ‖ varint first event ‖ varint events ‖ varint changed bytes ‖ varint keyframe bytes. The newest
/// row of a subject tells all that appending needs: no row is opened to add one.
struct RowHeader: Hashable, Sendable {
    enum Kind: UInt8, Sendable {
        /// A keyframe, and its changes once the chapter is closed.
        case chapter = 1
        /// One or more events after the open chapter's keyframe.
        case tail = 2
    }

    var kind: Kind
    var slot: UInt64
    /// Number of the row's first event after the keyframe; 0 for a chapter.
    var firstEvent: Int
    /// Events in the row; for a chapter those of its changes, 0 while it is open.
    var events: Int
    /// Bytes of changes since the keyframe, through this row, unzipped and whole.
    var changedBytes: Int
    /// Bytes of the chapter's keyframe, unzipped.
    var keyframeBytes: Int

    /// Events since the keyframe, through this row.
    var endEvent: Int { firstEvent + events }

    func encode(into out: inout ByteWriter) {
        out.u8(kind.rawValue)
        out.varint(slot)
        out.varint(firstEvent)
        out.varint(events)
        out.varint(changedBytes)
        out.varint(keyframeBytes)
    }

    init(
        kind: Kind, slot: UInt64, firstEvent: Int = 0, events: Int = 0, changedBytes: Int = 0,
        keyframeBytes: Int
    ) {
        (self.kind, self.slot, self.firstEvent, self.events) = (kind, slot, firstEvent, events)
        (self.changedBytes, self.keyframeBytes) = (changedBytes, keyframeBytes)
    }

    /// Reads a row's header, and says where the sealed bytes begin.
    static func decode(_ row: Span<UInt8>) throws(WireError) -> (header: RowHeader, sealedAt: Int) {
        guard row.count > 0, let kind = Kind(rawValue: row[0]) else {
            throw WireError(.invalid, at: 0, what: "row kind")
        }
        var at = 1
        let slot = try ByteScan.varint(row, &at, row.count)
        let first = try ByteScan.small(row, &at, row.count)
        let events = try ByteScan.small(row, &at, row.count)
        let changed = try ByteScan.small(row, &at, row.count)
        let keyframe = try ByteScan.small(row, &at, row.count)
        return (
            RowHeader(
                kind: kind, slot: slot, firstEvent: Int(first), events: Int(events),
                changedBytes: Int(changed), keyframeBytes: Int(keyframe)), at
        )
    }
}
