import EventLog
import LMDB
import Wire

/// Enters a subject's new versions into the item index, and finds out which of them came into force.
///
/// The version in force is the greatest by (asserted, position): an older message that comes late is indexed, but changes no
/// chapter. An item that comes back in another category leaves a marker in the one it left.
struct ItemIndexFold {
    /// What becomes of one item of an event.
    enum Fate: UInt8, Sendable {
        case inForce
        case superseded
        /// In force, in the category of what it deletes rather than the one its message guessed.
        case elsewhere
    }

    /// An item's departure from a category.
    struct Marker: Sendable {
        var category: UInt8
        var item: Int
    }

    /// What becomes of an entry of the index.
    struct Edit: Sendable {
        var key: ItemIndexKey
        /// Nil deletes.
        var entry: ItemIndexEntry?
    }

    private struct Place {
        var key: ItemIndexKey
        var event: Int
        var item: Int
    }

    private let events: [DecodedEvent]
    private let recordedAt: (Position) throws(ProjectionError) -> Instant
    private(set) var fates: [[Fate]]
    /// By event; rare.
    private(set) var markers: [Int: [Marker]] = [:]
    /// By event and item, the category of an `elsewhere`.
    private(set) var categories: [Int: [Int: UInt8]] = [:]

    init(
        events: [DecodedEvent], recordedAt: @escaping (Position) throws(ProjectionError) -> Instant
    ) {
        self.events = events
        self.recordedAt = recordedAt
        fates = events.map { Array(repeating: .inForce, count: $0.items.count) }
    }

    /// - Parameter isAnew: whether what is stored is being forgotten.
    /// - Returns: the index's new entries, in key order.
    mutating func run(
        _ database: Database, isAnew: Bool, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [Edit] {
        var places: [Place] = []
        places.reserveCapacity(events.reduce(0) { $0 + $1.items.count })
        for (number, event) in events.enumerated() {
            for (index, item) in event.items.enumerated() {
                let key = ItemIndexKey(
                    subject: event.token.high, item: item.hash, position: event.mark.position)
                places.append(Place(key: key, event: number, item: index))
            }
        }
        places.sort { $0.key < $1.key }
        let entries = try resolve(places, database, isAnew: isAnew, transaction)
        return zip(places, entries).map { Edit(key: $0.key, entry: $1) }
    }

    /// The entry of each place, oldest version of an item first.
    private mutating func resolve(
        _ places: [Place], _ database: Database, isAnew: Bool, _ transaction: borrowing ReadTransaction
    ) throws(ProjectionError) -> [ItemIndexEntry] {
        let empty = ItemIndexEntry(.init(position: 0, itemIndex: 0, category: 0))
        var entries = Array(repeating: empty, count: places.count)
        try transaction.withCursor(database) { (cursor: inout Cursor) throws(ProjectionError) in
            var start = 0
            let last = try isAnew ? nil : Self.lastKey(&cursor)
            while start < places.count {
                var end = start + 1
                let key = places[start].key
                while end < places.count, places[end].key.isItem(of: key) { end += 1 }
                var winner: ItemIndexEntry.Version?
                if let last, key < last { winner = try Self.newest(key, &cursor)?.winner }
                for index in stride(from: end - 1, through: start, by: -1) {
                    entries[index] = try enter(places[index], after: winner)
                    winner = entries[index].winner
                }
                start = end
            }
        }
        return entries
    }

    private mutating func enter(
        _ place: Place, after winner: ItemIndexEntry.Version?
    ) throws(ProjectionError) -> ItemIndexEntry {
        let event = events[place.event]
        let item = event.items[place.item]
        var version = ItemIndexEntry.Version(
            position: event.mark.position, itemIndex: item.itemIndex, category: item.category,
            asserted: item.asserted)
        guard let winner else { return ItemIndexEntry(version) }
        if item.isDeletion {
            version.category = winner.category
        }
        if try isOlder(version, than: winner) {
            fates[place.event][place.item] = .superseded
            return ItemIndexEntry(version, inForce: winner)
        }
        if version.category != item.category {
            fates[place.event][place.item] = .elsewhere
            categories[place.event, default: [:]][place.item] = version.category
        }
        if version.category != winner.category {
            markers[place.event, default: []].append(Marker(category: winner.category, item: place.item))
        }
        return ItemIndexEntry(version)
    }

    private func isOlder(
        _ version: ItemIndexEntry.Version, than winner: ItemIndexEntry.Version
    ) throws(ProjectionError) -> Bool {
        // Asserted at its arrival, a later event is at least as new as any before it.
        guard let asserted = version.asserted else { return false }
        if let other = winner.asserted { return asserted < other }
        return asserted < (try recordedAt(Position(winner.position))).microseconds
    }

    // MARK: Tables

    private static func lastKey(_ cursor: inout Cursor) throws(ProjectionError) -> ItemIndexKey? {
        do throws(LMDBError) {
            return try cursor.last() ? ItemIndexKey(cursor.key) : nil
        } catch { throw ProjectionError(error) }
    }

    /// The newest entry of an item in the index.
    private static func newest(
        _ key: ItemIndexKey, _ cursor: inout Cursor
    ) throws(ProjectionError) -> ItemIndexEntry? {
        let start = ItemIndexKey(subject: key.subject, item: key.item, position: .max)
        var found: (UInt64, [UInt8])?
        do throws(LMDBError) {
            if try cursor.seek(start.bytes), let at = ItemIndexKey(cursor.key), at.isItem(of: key) {
                found = (at.position, [UInt8](cursor.value))
            }
        } catch { throw ProjectionError(error) }
        guard let found else { return nil }
        do throws(WireError) {
            return try ItemIndexEntry(decoding: found.1, position: found.0)
        } catch { throw .damaged(what: "an entry of the item index: \(error)") }
    }
}
