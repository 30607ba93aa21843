import CareRecord
import Wire

/// Puts a record's state together out of a chapter's keyframe and the frames of its changes, as far as a position.
///
/// All lie in one buffer; a version is a set of offsets in it. Changes that are patches are only made whole once all are read: most have
/// been replaced.
struct RecordAssembly {
    /// Every item's version in force, in the order of category, type, id; and where each category ends.
    struct State {
        var versions: [RecordVersion] = []
        var categories: [(category: UInt8, end: Int)] = []
    }

    private let through: UInt64
    /// The keyframe's items, in their order.
    private var places: [RecordPlace] = []
    /// Items that came later, in their order, each with the number of keyframe items before it.
    private var added: [(before: Int, place: RecordPlace)] = []

    /// Reads what `out` holds, and adds meta ‖ content of the patches in force to it.
    ///
    /// - Parameters:
    ///   - out: the keyframe, then frames of changes. Of what is still free the patches in force must not need more.
    ///   - frames: where the changes lie, oldest first.
    ///   - through: events after this position are left out.
    static func state(
        _ out: inout OutputSpan<UInt8>, keyframeBytes: Int, frames: [Range<Int>], through: Position
    ) throws(WireError) -> State {
        try out.withUnsafeMutableBufferPointer { (buffer, filled) throws(WireError) -> State in
            let bytes = Span(_unsafeElements: UnsafeBufferPointer(rebasing: buffer[..<filled]))
            var assembly = RecordAssembly(through: through)
            try assembly.readKeyframe(bytes, 0..<keyframeBytes)
            for frame in frames { try assembly.readChanges(bytes, frame) }
            try assembly.resolvePatches(UnsafeMutableRawBufferPointer(buffer), &filled)
            return assembly.state()
        }
    }

    private init(through: Position) { self.through = through.value }

    private mutating func readKeyframe(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) {
        var frame = try FrameReader(bytes, range)
        places.reserveCapacity(frame.remaining)
        while let next = try frame.next(bytes) {
            // What was replaced is for those who look for it (`Keyframe`).
            if next.entry.isReplaced { continue }
            guard !next.entry.isPatch else { throw WireError(.invalid, at: 0, what: "patch in a keyframe") }
            places.append(RecordPlace(bytes, next))
        }
    }

    private mutating func readChanges(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) {
        var frame = try FrameReader(bytes, range)
        while let next = try frame.next(bytes) {
            guard next.event.position <= through else { return }
            guard !next.entry.isReplaced else {
                throw WireError(.invalid, at: next.entry.dataStart, what: "what was replaced")
            }
            guard next.entry.isPatch else {
                try put(bytes, next)
                continue
            }
            guard next.entry.ordinal < places.count, next.entry.wholeBytes <= RowCodec.maximumBytes else {
                throw WireError(.invalid, at: next.entry.dataStart, what: "ordinal")
            }
            places[next.entry.ordinal].fill(patch: next)
        }
    }

    private mutating func put(_ bytes: Span<UInt8>, _ next: FrameEntry) throws(WireError) {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try places[middle].order(of: next.entry, bytes)
            if order == 0 {
                places[middle].fill(bytes, next)
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        let before = low
        (low, high) = (0, added.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try added[middle].place.order(of: next.entry, bytes)
            if order == 0 {
                added[middle].place.fill(bytes, next)
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        added.insert((before, RecordPlace(bytes, next)), at: low)
    }

    /// Makes the patches in force whole.
    private mutating func resolvePatches(
        _ buffer: UnsafeMutableRawBufferPointer, _ filled: inout Int
    ) throws(WireError) {
        let bytes = UnsafeRawBufferPointer(buffer)
        for index in places.indices where !places[index].patch.isEmpty {
            let place = places[index]
            let (start, whole) = (filled, Int(place.wholeBytes))
            guard whole <= buffer.count - start else {
                throw WireError(.invalid, at: Int(place.patch.lowerBound), what: "bytes of patches")
            }
            try EntryPatch.apply(
                UnsafeRawBufferPointer(
                    rebasing: bytes[Int(place.patch.lowerBound)..<Int(place.patch.upperBound)]),
                to: UnsafeRawBufferPointer(
                    rebasing: bytes[Int(place.name.lowerBound)..<Int(place.name.upperBound)]),
                count: whole, out: buffer.baseAddress! + start)
            filled += whole
            places[index].version.metaStart = UInt32(start)
            places[index].version.contentStart = UInt32(start) + place.metaBytes
            places[index].version.contentEnd = UInt32(filled)
            places[index].version.isTombstone = bytes[start + 1] != ItemMeta.Operation.upsert.rawValue
        }
    }

    private func state() -> State {
        var out = State()
        out.versions.reserveCapacity(places.count + added.count)
        var late = 0
        for index in places.indices {
            while late < added.count, added[late].before <= index {
                Self.append(added[late].place, to: &out)
                late += 1
            }
            Self.append(places[index], to: &out)
        }
        while late < added.count {
            Self.append(added[late].place, to: &out)
            late += 1
        }
        return out
    }

    private static func append(_ place: RecordPlace, to out: inout State) {
        guard place.isPresent else { return }
        out.versions.append(place.version)
        let last = out.categories.count - 1
        if last >= 0, out.categories[last].category == place.category {
            out.categories[last].end = out.versions.count
        } else {
            out.categories.append((place.category, out.versions.count))
        }
    }
}
