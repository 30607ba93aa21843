import CareRecord
import Wire

/// Builds a frame: the unit that is zipped on its own.
///
/// varint event count ‖ for each event, ascending: varint position less the one before ‖ zigzag varint recordedAt
/// (microseconds) less the one before ‖ varint entry count ‖ entries. An entry is varint event number ‖ an entry body as in
/// `EntryBody`. A keyframe's entries are in the order of category, type, id, each corrected result followed by what it replaced, or by the word
/// that it replaced nothing, where either is known; those of changes are in the order of events.
struct FrameWriter {
    private var events: [EventMark] = []
    private var entryCount = 0
    private var body = ByteWriter()

    init(capacity: Int = 0) { body = ByteWriter(capacity: capacity) }

    var isEmpty: Bool { entryCount == 0 }
    var bodyBytes: Int { body.count }

    /// - Returns: the event's number in this frame. Events are added in ascending order.
    mutating func add(_ event: EventMark) -> Int {
        if events.last != event { events.append(event) }
        return events.count - 1
    }

    /// - Parameter entry: where the entry's body lies in `bytes`.
    mutating func append(event: Int, entry: Range<Int>, of bytes: [UInt8]) {
        body.varint(event)
        body.raw(bytes[entry])
        entryCount += 1
    }

    /// Adds a patch of the keyframe's item `ordinal`, in the place of the whole entry given.
    mutating func append(event: Int, patch: [UInt8], of ordinal: Int, for whole: EntryBody) {
        body.varint(event)
        body.u8(whole.flags | EntryFlags.patch)
        body.varint(Int(whole.itemIndex))
        body.varint(ordinal)
        body.varint(whole.metaBytes)
        body.varint(whole.contentBytes)
        body.prefixed(patch)
        entryCount += 1
    }

    /// Says that the item before it, of that event, replaced nothing.
    mutating func appendNothing(event: Int) {
        body.varint(event)
        body.u8(EntryFlags.nothing)
        entryCount += 1
    }

    /// Adds what the item before it replaced: as a patch of that item, or whole.
    mutating func append(event: Int, replaced: ReplacedEntry, patch: [UInt8]?, of ordinal: Int) {
        body.varint(event)
        body.u8(replaced.category | EntryFlags.replaced | (patch == nil ? 0 : EntryFlags.patch))
        body.varint(Int(replaced.itemIndex))
        if patch != nil { body.varint(ordinal) }
        body.varint(replaced.metaBytes)
        body.varint(replaced.data.count - replaced.metaBytes)
        if let patch { body.prefixed(patch) } else { body.raw(replaced.data) }
        entryCount += 1
    }

    var bytes: [UInt8] {
        var out = ByteWriter(capacity: body.count + 8 + events.count * 8)
        out.varint(events.count)
        var last = EventMark.zero
        for event in events {
            out.varint(event.position - last.position)
            out.varint(ZigZag.encode(event.recordedAt &- last.recordedAt))
            last = event
        }
        out.varint(entryCount)
        out.raw(body.bytes)
        return out.bytes
    }

    /// The keyframe of a record that begins with one event.
    static func keyframe(_ segment: Segment) throws(WireError) -> [UInt8] {
        var writer = FrameWriter(capacity: segment.entries.count + segment.count)
        let event = writer.add(segment.mark)
        for entry in try EntryWalk.bodies(segment.entries, count: segment.count) where !entry.isMoved {
            writer.append(event: event, entry: entry.body, of: segment.entries)
            let meta = try ItemMetaPlaces(segment.entries.span, entry.meta)
            if meta.operation == .upsert, case .corrected? = ResultStatus(meta, in: segment.entries.span) {
                writer.appendNothing(event: event)
            }
        }
        return writer.bytes
    }
}
