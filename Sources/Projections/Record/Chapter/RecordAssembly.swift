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
        /// What the versions name by `earlier`.
        var earlier: [EarlierVersion] = []
    }

    private let through: UInt64
    /// The keyframe's items, in their order.
    private var places: [RecordPlace] = []
    /// Items that came later, in their order, each with the number of keyframe items before it.
    private var added: [(before: Int, place: RecordPlace)] = []
    private var earlier: [EarlierVersion] = []
    private var hasMoved = false

    /// Reads what `out` holds, and adds meta ‖ content of the patches in force to it.
    ///
    /// - Parameters:
    ///   - out: the keyframe, then frames of changes. Of what is still free the patches in force must not need more.
    ///   - frames: where the changes lie, oldest first.
    ///   - through: events after this position are left out.
    ///   - events: about how many there are in the changes.
    static func state(
        _ out: inout OutputSpan<UInt8>, keyframeBytes: Int, frames: [Range<Int>], through: Position,
        events: Int = 0
    ) throws(WireError) -> State {
        try out.withUnsafeMutableBufferPointer { (buffer, filled) throws(WireError) -> State in
            let bytes = Span(_unsafeElements: UnsafeBufferPointer(rebasing: buffer[..<filled]))
            var assembly = RecordAssembly(through: through)
            try assembly.readKeyframe(bytes, 0..<keyframeBytes, changes: events)
            for frame in frames { try assembly.readChanges(bytes, frame) }
            if assembly.hasMoved { try assembly.joinMoved(bytes) }
            try assembly.resolvePatches(UnsafeMutableRawBufferPointer(buffer), &filled)
            return assembly.state()
        }
    }

    private init(through: Position) { self.through = through.value }

    private mutating func readKeyframe(
        _ bytes: Span<UInt8>, _ range: Range<Int>, changes: Int
    ) throws(WireError) {
        var frame = try FrameReader(bytes, range)
        places.reserveCapacity(frame.remaining)
        // Most events change one item; of a keyframe only corrected results are in it.
        earlier.reserveCapacity(changes + frame.remaining / 2)
        while let next = try frame.next(bytes) {
            if next.entry.isReplaced {
                try noteReplaced(next)
                continue
            }
            guard !next.entry.isPatch else { throw WireError(.invalid, at: 0, what: "patch in a keyframe") }
            places.append(RecordPlace(bytes, next, isInKeyframe: true))
        }
    }

    /// Of the keyframe's last item.
    private mutating func noteReplaced(_ next: FrameEntry) throws(WireError) {
        let last = places.count - 1
        guard last >= 0, !next.entry.isPatch || next.entry.ordinal == last,
            next.entry.wholeBytes <= RowCodec.maximumBytes
        else { throw WireError(.invalid, at: next.entry.dataStart, what: "what was replaced") }
        earlier.append(EarlierVersion(replaced: next, by: places[last]))
        places[last].version.earlier = Int32(earlier.count - 1)
    }

    /// Keeps what is about to be replaced. That an item was elsewhere is no version of it.
    @inline(__always)
    private static func keep(_ place: inout RecordPlace, _ earlier: inout [EarlierVersion]) {
        guard place.isPresent else { return }
        earlier.append(EarlierVersion(place))
        place.version.earlier = Int32(earlier.count - 1)
    }

    private mutating func readChanges(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) {
        var frame = try FrameReader(bytes, range)
        while let next = try frame.next(bytes) {
            guard next.event.position <= through else { return }
            guard !next.entry.isReplaced else {
                throw WireError(.invalid, at: next.entry.dataStart, what: "what was replaced")
            }
            guard next.entry.isPatch else {
                if next.entry.isMoved { hasMoved = true }
                try put(bytes, next)
                continue
            }
            guard next.entry.ordinal < places.count, next.entry.wholeBytes <= RowCodec.maximumBytes else {
                throw WireError(.invalid, at: next.entry.dataStart, what: "ordinal")
            }
            Self.keep(&places[next.entry.ordinal], &earlier)
            places[next.entry.ordinal].fill(patch: next)
        }
    }

    private mutating func put(_ bytes: Span<UInt8>, _ next: FrameEntry) throws(WireError) {
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try places[middle].order(of: next.entry, bytes)
            if order == 0 {
                Self.keep(&places[middle], &earlier)
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
                Self.keep(&added[middle].place, &earlier)
                added[middle].place.fill(bytes, next)
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        added.insert((before, RecordPlace(bytes, next, isInKeyframe: false)), at: low)
    }

    /// The rare item that changed category: what it was elsewhere is what it was before.
    ///
    /// A source that puts a mistake right may move thousands at once: each is looked up by its name, in the few categories there are.
    private mutating func joinMoved(_ bytes: Span<UInt8>) throws(WireError) {
        let left = places.filter { !$0.isPresent } + added.map(\.place).filter { !$0.isPresent }
        var categories: Set<UInt8> = []
        for place in places where place.isPresent { categories.insert(place.category) }
        for place in added where place.place.isPresent { categories.insert(place.place.category) }
        for left in left {
            for category in categories where category != left.category {
                if let index = try Self.index(of: left, in: category, places.count, bytes, { places[$0] }) {
                    Self.join(left, to: &places[index], &earlier)
                }
                if let index = try Self.index(
                    of: left, in: category, added.count, bytes, { added[$0].place })
                {
                    Self.join(left, to: &added[index].place, &earlier)
                }
            }
        }
    }

    /// Of places in their order, the one that is filled by the same item in that category.
    private static func index(
        of item: RecordPlace, in category: UInt8, _ count: Int, _ bytes: Span<UInt8>,
        _ place: (Int) -> RecordPlace
    ) throws(WireError) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            let order = try place(middle).order(of: item, in: category, bytes)
            if order == 0 { return place(middle).isPresent ? middle : nil }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        return nil
    }

    /// Chains the versions of both, newest first.
    private static func join(
        _ left: RecordPlace, to place: inout RecordPlace, _ earlier: inout [EarlierVersion]
    ) {
        var all: [Int32] = []
        for first in [place.version.earlier, left.version.earlier] {
            var next = first
            while next >= 0 {
                all.append(next)
                next = earlier[Int(next)].next
            }
        }
        // What a keyframe's version replaced comes behind it.
        all.sort { a, b in
            let (a, b) = (earlier[Int(a)], earlier[Int(b)])
            if (a.kind == .version) != (b.kind == .version) { return a.kind == .version }
            return a.event.position > b.event.position
        }
        for (index, entry) in all.enumerated() {
            earlier[Int(entry)].next = index + 1 < all.count ? all[index + 1] : -1
        }
        place.version.earlier = all.first ?? -1
        place.version.isInKeyframe = place.version.isInKeyframe || left.version.isInKeyframe
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
        out.earlier = earlier
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
