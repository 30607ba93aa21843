import EventLog
import Wire

/// A subject's changes, by category.
struct CategoryGroups {
    struct Group: Sendable {
        var token: StreamToken
        var category: UInt8
        var segments: [Segment]
    }

    private struct Key: Hashable {
        var token: StreamToken
        var category: UInt8
    }

    private(set) var groups: [Group] = []
    private var numbers: [Key: Int] = [:]

    init(_ events: [DecodedEvent], index: ItemIndexFold) {
        for (number, event) in events.enumerated() {
            add(
                event, fates: index.fates[number], markers: index.markers[number] ?? [],
                index.categories[number])
        }
    }

    private mutating func add(
        _ event: DecodedEvent, fates: [ItemIndexFold.Fate], markers: [ItemIndexFold.Marker],
        _ elsewhere: [Int: UInt8]?
    ) {
        guard elsewhere == nil, markers.isEmpty else {
            addReordered(event, fates: fates, markers: markers, elsewhere ?? [:])
            return
        }
        var start = 0
        while start < event.items.count {
            let category = event.items[start].category
            var segment = Segment(mark: event.mark, slot: event.slot)
            var end = start
            while end < event.items.count, event.items[end].category == category {
                if fates[end] == .inForce { segment.append(event.bytes[event.items[end].entry]) }
                end += 1
            }
            add(segment, event.token, category)
            start = end
        }
    }

    /// The rare event some of whose items change category: every category's entries in order again.
    private mutating func addReordered(
        _ event: DecodedEvent, fates: [ItemIndexFold.Fate], markers: [ItemIndexFold.Marker],
        _ elsewhere: [Int: UInt8]
    ) {
        var entries: [(category: UInt8, rank: Int, bytes: [UInt8])] = []
        let ranks = event.ranks
        for (index, item) in event.items.enumerated() where fates[index] != .superseded {
            let category = elsewhere[index] ?? item.category
            entries.append((category, ranks[index], Array(event.bytes[item.entry])))
        }
        for marker in markers {
            let item = event.items[marker.item]
            var moved = Segment(mark: event.mark, slot: event.slot)
            moved.append(
                itemIndex: Int(item.itemIndex), isMoved: true, meta: event.bytes[item.meta], content: [])
            entries.append((marker.category, ranks[marker.item], moved.entries))
        }
        entries.sort { ($0.category, $0.rank) < ($1.category, $1.rank) }
        var segment = Segment(mark: event.mark, slot: event.slot)
        for (index, entry) in entries.enumerated() {
            segment.append(entry.bytes[...])
            if index + 1 == entries.count || entries[index + 1].category != entry.category {
                add(segment, event.token, entry.category)
                segment = Segment(mark: event.mark, slot: event.slot)
            }
        }
    }

    private mutating func add(_ segment: Segment, _ token: StreamToken, _ category: UInt8) {
        guard segment.count > 0 else { return }
        let key = Key(token: token, category: category)
        if let number = numbers[key] {
            groups[number].segments.append(segment)
        } else {
            numbers[key] = groups.count
            groups.append(Group(token: token, category: category, segments: [segment]))
        }
    }
}
