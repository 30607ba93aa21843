import CareRecord
import Wire

/// Puts a record's state together out of a chapter's keyframe and the frames of its changes, as far as a position.
///
/// The keyframe lies in one buffer, the changes in another; a version is a set of offsets in one of them. Changes that are patches are only made
/// whole once all are read: most have been replaced.
struct RecordAssembly {
    /// A place in the order of items, filled or not.
    private struct Place {
        var version: RecordVersion
        /// What names the item: a whole entry of the keyframe, or the first of those that came later.
        var name: EntryBody
        /// Of a patch: where it lies among the changes.
        var patch: EntryBody?
        var isPresent: Bool
    }

    private let through: UInt64
    /// The keyframe's items, in their order.
    private var places: [Place] = []
    /// Items that came later, in their order, each with the number of keyframe items before it.
    private var added: [(before: Int, place: Place)] = []

    /// - Parameter through: events after this position are left out.
    init(through: Position) { self.through = through.value }

    mutating func readKeyframe(_ bytes: Span<UInt8>) throws(WireError) {
        var frame = try FrameReader(bytes, 0..<bytes.count)
        places.reserveCapacity(frame.remaining)
        while let next = try frame.next(bytes) {
            guard !next.entry.isPatch else { throw WireError(.invalid, at: 0, what: "patch in a keyframe") }
            places.append(place(bytes, next, .keyframe))
        }
    }

    /// Changes: those of a closed chapter, or a row of an open one's tail.
    ///
    /// - Parameters:
    ///   - range: where the frame lies in `bytes`.
    ///   - keyframe: as `readKeyframe` had it.
    mutating func readChanges(
        _ bytes: Span<UInt8>, _ range: Range<Int>, keyframe: Span<UInt8>
    ) throws(WireError) {
        var frame = try FrameReader(bytes, range)
        while let next = try frame.next(bytes) {
            guard next.event.position <= through else { return }
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
        var filled = place(bytes, next, .changes)
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

    @inline(__always)
    private func place(_ bytes: Span<UInt8>, _ next: FrameEntry, _ buffer: RecordVersion.Buffer) -> Place {
        let entry = next.entry
        return Place(
            version: RecordVersion(
                position: Position(next.event.position),
                recordedAt: Instant(microseconds: next.event.recordedAt), item: entry.itemIndex,
                metaStart: UInt32(entry.dataStart), contentStart: UInt32(entry.dataStart + entry.metaBytes),
                contentEnd: UInt32(entry.body.upperBound), buffer: buffer,
                isTombstone: bytes[entry.dataStart + 1] != ItemMeta.Operation.upsert.rawValue),
            name: entry, patch: nil, isPresent: !entry.isMoved)
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
        func append(_ place: Place) {
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
