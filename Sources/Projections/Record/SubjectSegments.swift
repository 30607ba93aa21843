import EventLog
import Wire

/// A subject's changes, event by event, as chapters keep them.
struct SubjectSegments {
    private(set) var segments: [Segment] = []

    init(_ events: [DecodedEvent], index: ItemIndexFold) {
        segments.reserveCapacity(events.count)
        for (number, event) in events.enumerated() {
            let segment = Self.segment(
                event, fates: index.fates[number], markers: index.markers[number] ?? [],
                index.categories[number])
            if segment.count > 0 { segments.append(segment) }
        }
    }

    private static func segment(
        _ event: DecodedEvent, fates: [ItemIndexFold.Fate], markers: [ItemIndexFold.Marker],
        _ elsewhere: [Int: UInt8]?
    ) -> Segment {
        guard elsewhere == nil, markers.isEmpty else {
            return reordered(event, fates: fates, markers: markers, elsewhere ?? [:])
        }
        // Most events change one item: its entry is all their bytes.
        if event.items.count == 1, fates[0] == .inForce, event.items[0].entry == 0..<event.bytes.count {
            return Segment(mark: event.mark, slot: event.slot, entry: event.bytes)
        }
        var segment = Segment(mark: event.mark, slot: event.slot)
        for (index, item) in event.items.enumerated() where fates[index] == .inForce {
            segment.append(event.bytes[item.entry])
        }
        return segment
    }

    /// The rare event some of whose items change category: its entries in order again.
    private static func reordered(
        _ event: DecodedEvent, fates: [ItemIndexFold.Fate], markers: [ItemIndexFold.Marker],
        _ elsewhere: [Int: UInt8]
    ) -> Segment {
        var entries: [(category: UInt8, rank: Int, bytes: [UInt8])] = []
        let ranks = event.ranks
        for (index, item) in event.items.enumerated() where fates[index] != .superseded {
            let category = elsewhere[index] ?? item.category
            var bytes = Array(event.bytes[item.entry])
            bytes[0] = bytes[0] & ~EntryFlags.category | category
            entries.append((category, ranks[index], bytes))
        }
        for marker in markers {
            let item = event.items[marker.item]
            var moved = Segment(mark: event.mark, slot: event.slot)
            moved.append(
                category: marker.category, itemIndex: Int(item.itemIndex), isMoved: true,
                meta: event.bytes[item.meta], content: [])
            entries.append((marker.category, ranks[marker.item], moved.entries))
        }
        entries.sort { ($0.category, $0.rank) < ($1.category, $1.rank) }
        var segment = Segment(mark: event.mark, slot: event.slot)
        for entry in entries { segment.append(entry.bytes[...]) }
        return segment
    }
}
