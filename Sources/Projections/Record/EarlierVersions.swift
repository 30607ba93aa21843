import CareRecord
import Wire

/// What a chapter holds of its items' versions before those in force: unzipped already for the read, and asked for by few.
final class EarlierVersions {
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
    private let changes: [FrameEntry]

    init(_ buffers: RecordBuffers) throws(WireError) {
        self.buffers = buffers
        keyframe = try Keyframe(buffers.bytes, count: buffers.keyframeBytes)
        let bytes = buffers.bytes
        var changes: [FrameEntry] = []
        for range in buffers.frames {
            var frame = try FrameReader(bytes.span, range)
            changes.reserveCapacity(changes.count + frame.remaining)
            while let next = try frame.next(bytes.span) { changes.append(next) }
        }
        self.changes = changes
    }

    /// Nothing of the subject is held from before the chapter.
    var isOldest: Bool { buffers.isOldest }

    /// Where an item's versions lie, in whatever category they were.
    struct Places {
        /// Of the changes before the position asked, newest first.
        fileprivate(set) var changes: [FrameEntry] = []
        /// The keyframe's own. What is older than it is in no row of the chapter.
        fileprivate(set) var oldest: FrameEntry?
        /// The keyframe's own's ordinal.
        fileprivate(set) var ordinal: Int?
    }

    /// - Parameter version: the item's version in force.
    func places(of version: RecordVersion) throws(WireError) -> Places {
        var out = Places()
        let bytes = buffers.bytes
        let span = bytes.span
        let wanted = try ItemHead.key(span, version.meta)
        out.ordinal = try ordinal(of: version, wanted)
        out.oldest = out.ordinal.map { keyframe.entries[$0] }
        var index = changes.count
        while index > 0 {
            index -= 1
            guard changes[index].event.position < version.position.value, !changes[index].entry.isMoved else {
                continue
            }
            let isOfItem =
                if changes[index].entry.isPatch {
                    changes[index].entry.ordinal == out.ordinal
                } else {
                    try Self.isSame(wanted, changes[index].entry, span)
                }
            if isOfItem { out.changes.append(changes[index]) }
        }
        return out
    }

    /// The item's place in the keyframe, in whatever category it was there; an item is in one at a time.
    private func ordinal(
        of version: RecordVersion, _ wanted: (type: Range<Int>, id: Range<Int>)
    ) throws(WireError) -> Int? {
        let name = Int(version.nameStart)
        if name < buffers.keyframeBytes {
            // What names it is the keyframe's entry itself.
            var (low, high) = (0, keyframe.entries.count)
            while low < high {
                let middle = (low + high) / 2
                if keyframe.entries[middle].entry.dataStart < name { low = middle + 1 } else { high = middle }
            }
            guard low < keyframe.entries.count, keyframe.entries[low].entry.dataStart == name else {
                throw WireError(.invalid, at: name, what: "place in a keyframe")
            }
            return low
        }
        let bytes = buffers.bytes
        for index in keyframe.entries.indices
        where try Self.isSame(wanted, keyframe.entries[index].entry, bytes.span) { return index }
        return nil
    }

    private static func isSame(
        _ wanted: (type: Range<Int>, id: Range<Int>), _ entry: EntryBody, _ bytes: Span<UInt8>
    ) throws(WireError) -> Bool {
        let other = try ItemHead.key(bytes, entry.meta)
        return isSame(bytes, wanted.id, other.id) && isSame(bytes, wanted.type, other.type)
    }

    private static func isSame(_ bytes: Span<UInt8>, _ a: Range<Int>, _ b: Range<Int>) -> Bool {
        guard a.count == b.count else { return false }
        // Ids differ at their ends.
        for i in stride(from: a.count - 1, through: 0, by: -1)
        where bytes[a.lowerBound + i] != bytes[b.lowerBound + i] { return false }
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
