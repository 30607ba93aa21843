import CareRecord
import Wire

/// Puts a record's state together out of a chapter's keyframe and the frames of its changes, as far as a position.
///
/// The keyframe lies in one buffer, the changes in another; a version is a set of offsets in one of them. Changes that are patches are only made
/// whole once all are read: most have been replaced.
struct RecordAssembly {
    private let through: UInt64
    /// The keyframe's items, in their order.
    private var places: [RecordPlace]
    /// Items that came later, in their order, each with the number of keyframe items before it.
    private var added: [(before: Int, place: RecordPlace)] = []

    /// - Parameter through: events after this position are left out.
    init(through: Position, keyframe: UnzippedKeyframe) {
        self.through = through.value
        places = keyframe.places
    }

    /// Changes: those of a closed chapter, or of a row of an open one's tail.
    ///
    /// - Parameters:
    ///   - entries: oldest first.
    ///   - shift: what is to be added to their places to find them in `bytes`.
    mutating func apply(
        _ entries: [FrameEntry], _ bytes: Span<UInt8>, shift: Int, keyframe: Span<UInt8>
    ) throws(WireError) {
        for index in entries.indices {
            guard entries[index].event.position <= through else { return }
            let next = shift == 0 ? entries[index] : entries[index].moved(by: shift)
            if next.entry.isPatch {
                try patch(next)
            } else {
                try put(bytes, next, keyframe)
            }
        }
    }

    private mutating func patch(_ next: FrameEntry) throws(WireError) {
        let ordinal = next.entry.ordinal
        guard ordinal < places.count, next.entry.wholeBytes <= RowCodec.maximumBytes else {
            throw WireError(.invalid, at: next.entry.dataStart, what: "ordinal")
        }
        places[ordinal].version.position = Position(next.event.position)
        places[ordinal].version.recordedAt = Instant(microseconds: next.event.recordedAt)
        places[ordinal].version.item = next.entry.itemIndex
        places[ordinal].patch = next.entry
        places[ordinal].isPresent = true
    }

    private mutating func put(
        _ bytes: Span<UInt8>, _ next: FrameEntry, _ keyframe: Span<UInt8>
    ) throws(WireError) {
        var filled = RecordPlace(bytes, next, .changes)
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try EntryBody.order(bytes, next.entry, keyframe, places[middle].name)
            if order == 0 {
                filled.name = places[middle].name
                places[middle] = filled
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        let before = low
        (low, high) = (0, added.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try EntryBody.order(bytes, next.entry, bytes, added[middle].place.name)
            if order == 0 {
                added[middle].place = filled
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        added.insert((before, filled), at: low)
    }

    /// Makes the patches in force whole.
    ///
    /// - Returns: their metas and contents, one after the other.
    mutating func resolvePatches(keyframe: [UInt8], changes: [UInt8]) throws(WireError) -> [UInt8] {
        var total = 0
        for place in places { total += place.patch?.wholeBytes ?? 0 }
        guard total > 0 else { return [] }
        guard total <= RowCodec.maximumBytes else {
            throw WireError(.invalid, at: 0, what: "bytes of patches")
        }
        var failure: WireError?
        let out = [UInt8](unsafeUninitializedCapacity: total) { out, filled in
            keyframe.withUnsafeBytes { base in
                changes.withUnsafeBytes { patches in
                    do throws(WireError) {
                        try resolve(base, patches, UnsafeMutableRawBufferPointer(out), &filled)
                    } catch { failure = error }
                }
            }
        }
        if let failure { throw failure }
        return out
    }

    private mutating func resolve(
        _ base: UnsafeRawBufferPointer, _ patches: UnsafeRawBufferPointer,
        _ out: UnsafeMutableRawBufferPointer, _ filled: inout Int
    ) throws(WireError) {
        for index in places.indices {
            guard let patch = places[index].patch else { continue }
            let start = filled
            try EntryPatch.apply(
                UnsafeRawBufferPointer(rebasing: patches[patch.data]),
                to: UnsafeRawBufferPointer(rebasing: base[places[index].name.data]),
                count: patch.wholeBytes, out: out.baseAddress! + start)
            filled += patch.wholeBytes
            places[index].version.buffer = .patched
            places[index].version.metaStart = UInt32(start)
            places[index].version.contentStart = UInt32(start + patch.metaBytes)
            places[index].version.contentEnd = UInt32(filled)
            places[index].version.isTombstone = out[start + 1] != ItemMeta.Operation.upsert.rawValue
        }
    }

    /// Every item's version in force, in the order of category, type, id; and where each category ends.
    func versions() -> (versions: [RecordVersion], categories: [(category: UInt8, end: Int)]) {
        var out: [RecordVersion] = []
        var categories: [(category: UInt8, end: Int)] = []
        out.reserveCapacity(places.count + added.count)
        func append(_ place: RecordPlace) {
            guard place.isPresent else { return }
            out.append(place.version)
            if categories.last?.category == place.name.category {
                categories[categories.count - 1].end = out.count
            } else {
                categories.append((place.name.category, out.count))
            }
        }
        var late = 0
        for (index, place) in places.enumerated() {
            while late < added.count, added[late].before <= index {
                append(added[late].place)
                late += 1
            }
            append(place)
        }
        while late < added.count {
            append(added[late].place)
            late += 1
        }
        return (out, categories)
    }
}
