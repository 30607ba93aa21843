import CareRecord
import Wire

/// Puts a category's state together out of a chapter's frames and the rows of its tail, as far as a position.
///
/// All frames lie in one buffer; a version is a set of offsets in it. A closed chapter's changes say by ordinal which item they
/// replace; a tail's do not know, and find their item by type and id.
struct RecordAssembly {
    /// A place in the order of items, filled or not.
    private struct Place {
        var version: RecordVersion
        var isPresent: Bool
        static let empty = Place(
            version: RecordVersion(
                position: .start, recordedAt: Instant(microseconds: 0), itemIndex: 0, isTombstone: false,
                metaStart: 0, contentStart: 0, contentEnd: 0), isPresent: false)
    }

    private let through: UInt64
    /// The keyframe's items, in their order.
    private var places: [Place] = []
    /// Items that came later, in their order, each with the number of keyframe items before it.
    private var added: [(before: Int, place: Place)] = []

    /// - Parameter through: events after this position are left out.
    init(through: Position) { self.through = through.value }

    mutating func readKeyframe(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) {
        var frame = try FrameReader(bytes, range, hasOrdinals: false)
        places.reserveCapacity(frame.remaining)
        while let next = try frame.next(bytes) { places.append(place(bytes, next)) }
    }

    /// Where a closed chapter's new items belong, in their order: each a number of keyframe items before it.
    mutating func expect(added before: [Int]) throws(WireError) {
        guard before.allSatisfy({ $0 <= places.count }) else {
            throw WireError(.invalid, at: 0, what: "place of an added item")
        }
        added = before.map { ($0, .empty) }
    }

    /// Changes of a closed chapter.
    /// - Returns: false once an event past the position was met: nothing later is needed.
    mutating func readChanges(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) -> Bool {
        var frame = try FrameReader(bytes, range, hasOrdinals: true)
        while let next = try frame.next(bytes) {
            guard next.event.position <= through else { return false }
            let filled = place(bytes, next)
            if next.ordinal < places.count {
                places[next.ordinal] = filled
            } else if next.ordinal - places.count < added.count {
                added[next.ordinal - places.count].place = filled
            } else {
                throw WireError(.invalid, at: range.lowerBound, what: "ordinal")
            }
        }
        return true
    }

    /// A row of an open chapter's tail.
    mutating func readTail(_ bytes: Span<UInt8>, _ range: Range<Int>) throws(WireError) {
        var frame = try FrameReader(bytes, range, hasOrdinals: false)
        while let next = try frame.next(bytes) {
            guard next.event.position <= through else { return }
            try put(bytes, next)
        }
    }

    private mutating func put(_ bytes: Span<UInt8>, _ next: FrameEntry) throws(WireError) {
        let meta = next.entry.meta
        let filled = place(bytes, next)
        var (low, high) = (0, places.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try ItemHead.order(bytes, meta, bytes, places[middle].version.meta)
            if order == 0 {
                places[middle] = filled
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        let before = low
        (low, high) = (0, added.count)
        while low < high {
            let middle = (low + high) / 2
            let order = try ItemHead.order(bytes, meta, bytes, added[middle].place.version.meta)
            if order == 0 {
                added[middle].place = filled
                return
            }
            if order < 0 { high = middle } else { low = middle + 1 }
        }
        added.insert((before, filled), at: low)
    }

    @inline(__always)
    private func place(_ bytes: Span<UInt8>, _ next: FrameEntry) -> Place {
        let entry = next.entry
        return Place(
            version: RecordVersion(
                position: Position(next.event.position),
                recordedAt: Instant(microseconds: next.event.recordedAt), itemIndex: Int(entry.itemIndex),
                isTombstone: bytes[entry.metaStart + 1] != ItemMeta.Operation.upsert.rawValue,
                metaStart: UInt32(entry.metaStart), contentStart: UInt32(entry.contentStart),
                contentEnd: UInt32(entry.body.upperBound)),
            isPresent: !entry.isMoved)
    }

    /// Every item's version in force, in the order of type, then id.
    func versions() -> [RecordVersion] {
        var out: [RecordVersion] = []
        out.reserveCapacity(places.count + added.count)
        var late = added.makeIterator()
        var waiting = late.next()
        for (index, place) in places.enumerated() {
            while let next = waiting, next.before <= index {
                if next.place.isPresent { out.append(next.place.version) }
                waiting = late.next()
            }
            if place.isPresent { out.append(place.version) }
        }
        while let next = waiting {
            if next.place.isPresent { out.append(next.place.version) }
            waiting = late.next()
        }
        return out
    }
}
