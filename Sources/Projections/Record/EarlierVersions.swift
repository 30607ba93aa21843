import CareRecord
import Wire

/// What a chapter holds of its items' versions before those in force: unzipped already for the read, and asked for by few.
struct EarlierVersions {
    /// A version that was in force.
    struct Version {
        var position: Position
        var recordedAt: Instant
        var meta: ArraySlice<UInt8>
        /// Empty for a tombstone.
        var content: ArraySlice<UInt8>
    }

    private let buffers: RecordBuffers
    private let keyframe: Keyframe
    /// Ascending.
    private var changes: [FrameEntry] = []

    init(_ buffers: RecordBuffers) throws(WireError) {
        self.buffers = buffers
        keyframe = try Keyframe(buffers.bytes, count: buffers.keyframeBytes)
        let bytes = buffers.bytes
        for range in buffers.frames {
            var frame = try FrameReader(bytes.span, range)
            while let next = try frame.next(bytes.span) { changes.append(next) }
        }
    }

    /// Where an item's versions lie, in whatever category they were.
    struct Places {
        /// Of the changes before the position asked, newest first.
        fileprivate(set) var changes: [FrameEntry] = []
        /// The keyframe's own. What is older than it is in no row of the chapter.
        fileprivate(set) var oldest: FrameEntry?
        /// The keyframe's own's ordinal.
        fileprivate(set) var ordinal: Int?
    }

    /// - Parameter meta: any encoded meta of the item: its type and id are looked for.
    func places(of meta: ArraySlice<UInt8>, before position: Position) throws(WireError) -> Places {
        var out = Places()
        let wanted = meta.span
        let key = try ItemHead.key(wanted, 0..<meta.count)
        let own = keyframe.bytes.span
        var held: [Int] = []
        for (index, entry) in keyframe.entries.enumerated()
        where try Self.isSame(key, wanted, entry.entry, own) { held.append(index) }
        // One at most: an item is in one category at a time.
        out.ordinal = held.first
        out.oldest = held.first.map { keyframe.entries[$0] }
        let bytes = buffers.bytes
        for change in changes.reversed()
        where change.event.position < position.value && !change.entry.isMoved {
            if change.entry.isPatch
                ? held.contains(change.entry.ordinal) : try Self.isSame(key, wanted, change.entry, bytes.span)
            {
                out.changes.append(change)
            }
        }
        return out
    }

    private static func isSame(
        _ key: (type: Range<Int>, id: Range<Int>), _ wanted: Span<UInt8>, _ entry: EntryBody,
        _ bytes: Span<UInt8>
    ) throws(WireError) -> Bool {
        let other = try ItemHead.key(bytes, entry.meta)
        return isSame(wanted, key.id, bytes, other.id) && isSame(wanted, key.type, bytes, other.type)
    }

    private static func isSame(
        _ a: Span<UInt8>, _ ra: Range<Int>, _ b: Span<UInt8>, _ rb: Range<Int>
    ) -> Bool {
        guard ra.count == rb.count else { return false }
        // Ids differ at their ends.
        for i in stride(from: ra.count - 1, through: 0, by: -1)
        where a[ra.lowerBound + i] != b[rb.lowerBound + i] { return false }
        return true
    }

    func change(_ place: FrameEntry) throws(WireError) -> Version {
        let entry = place.entry
        guard entry.isPatch else { return Self.version(place, buffers.bytes[entry.data]) }
        return Self.version(place, try keyframe.whole(entry, of: buffers.bytes)[...])
    }

    func oldest(_ place: FrameEntry) -> Version {
        Self.version(place, keyframe.bytes[place.entry.data])
    }

    /// What the keyframe's own version replaced, where the keyframe tells.
    func replaced(_ places: Places) throws(WireError) -> Version? {
        guard let ordinal = places.ordinal, let found = try keyframe.replaced(by: ordinal) else { return nil }
        let middle = found.data.startIndex + found.metaBytes
        return Version(
            position: Position(found.mark.position), recordedAt: Instant(microseconds: found.mark.recordedAt),
            meta: found.data[..<middle], content: found.data[middle...])
    }

    private static func version(_ entry: FrameEntry, _ data: ArraySlice<UInt8>) -> Version {
        let middle = data.startIndex + entry.entry.metaBytes
        return Version(
            position: Position(entry.event.position),
            recordedAt: Instant(microseconds: entry.event.recordedAt), meta: data[..<middle],
            content: data[middle...])
    }
}
