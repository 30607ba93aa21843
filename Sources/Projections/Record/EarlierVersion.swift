import Wire

/// A version that an item had before the one in force, as places in a record's buffer: what a read of the chapter passes on its way,
/// chained from the newest to the oldest, so that whoever asks what a result said before walks nothing again.
struct EarlierVersion: Sendable {
    enum Kind: Sendable {
        /// In force once: whole, or a patch where `base` is not empty.
        case version
        /// What the keyframe's own version replaced, its content what is shown of it alone. Nothing follows.
        case replaced
        /// Nothing that says something else came before the keyframe's own version. Nothing follows.
        case nothing
    }

    let kind: Kind
    let event: EventMark
    /// Meta ‖ content, or the patch that makes them of the base.
    let data: Range<UInt32>
    /// Of a patch: what it starts from; else empty.
    let base: Range<UInt32>
    let metaBytes: UInt32
    /// Bytes of meta and content.
    let wholeBytes: UInt32
    /// Index of the next older; below zero: none that the chapter has.
    var next: Int32

    /// What fills a place.
    init(_ place: RecordPlace) {
        let version = place.version
        (kind, next) = (.version, version.earlier)
        event = EventMark(position: version.position.value, recordedAt: version.recordedAt.microseconds)
        if place.patch.isEmpty {
            (data, base) = (version.metaStart..<version.contentEnd, 0..<0)
            metaBytes = version.contentStart - version.metaStart
            wholeBytes = version.contentEnd - version.metaStart
        } else {
            (data, base) = (place.patch, place.name)
            (metaBytes, wholeBytes) = (place.metaBytes, place.wholeBytes)
        }
    }

    /// What a keyframe says came before the item of `place`.
    init(replaced entry: FrameEntry, by place: RecordPlace) {
        kind = entry.entry.isNothing ? .nothing : .replaced
        (event, next) = (entry.event, -1)
        data = UInt32(entry.entry.dataStart)..<UInt32(entry.entry.body.upperBound)
        base = entry.entry.isPatch ? place.name : 0..<0
        (metaBytes, wholeBytes) = (UInt32(entry.entry.metaBytes), UInt32(entry.entry.wholeBytes))
    }
}

extension RecordBuffers {
    /// A version that was in force, or what one replaced.
    struct Version {
        var position: Position
        var recordedAt: Instant
        var meta: ArraySlice<UInt8>
        /// Empty for a tombstone.
        var content: ArraySlice<UInt8>
    }

    func version(_ earlier: EarlierVersion) throws(WireError) -> Version {
        let data = try data(of: earlier)
        let middle = data.startIndex + Int(earlier.metaBytes)
        return Version(
            position: Position(earlier.event.position),
            recordedAt: Instant(microseconds: earlier.event.recordedAt), meta: data[..<middle],
            content: data[middle...])
    }

    /// Meta ‖ content.
    private func data(of earlier: EarlierVersion) throws(WireError) -> ArraySlice<UInt8> {
        let data = Int(earlier.data.lowerBound)..<Int(earlier.data.upperBound)
        if earlier.base.isEmpty { return bytes[data] }
        let base = Int(earlier.base.lowerBound)..<Int(earlier.base.upperBound)
        return try EntryPatch.whole(bytes[data], of: bytes[base], count: Int(earlier.wholeBytes))[...]
    }
}
