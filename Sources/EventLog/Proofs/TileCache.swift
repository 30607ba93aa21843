import Synchronization

/// Tiles used lately. When it is full, a hand goes round and takes the first that was not used since it came by.
final class TileCache: Sendable {
    struct Place: Hashable, Sendable {
        var level: Int
        var index: UInt64
        /// Nodes at the bottom: a tile at the right edge is another one when it has grown.
        var width: Int
    }

    private struct Kept {
        var place: Place
        var tile: MerkleTile
        /// Since the hand was here last.
        var isUsed: Bool
    }

    private struct State {
        var kept: [Kept] = []
        var places: [Place: Int] = [:]
        var hand = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter tiles: kept at most, of about 16 KB each.
    init(tiles: Int) { limit = max(1, tiles) }

    func tile<E: Error>(_ place: Place, make: () throws(E) -> MerkleTile) throws(E) -> MerkleTile {
        if let found = state.withLock({ Self.find(place, &$0) }) { return found }
        let made = try make()
        state.withLock { Self.insert(made, place, &$0, limit) }
        return made
    }

    private static func find(_ place: Place, _ state: inout State) -> MerkleTile? {
        guard let at = state.places[place] else { return nil }
        state.kept[at].isUsed = true
        return state.kept[at].tile
    }

    private static func insert(_ tile: MerkleTile, _ place: Place, _ state: inout State, _ limit: Int) {
        // Another thread may have made it meanwhile.
        if state.places[place] != nil { return }
        let fresh = Kept(place: place, tile: tile, isUsed: false)
        if state.kept.count < limit {
            state.places[place] = state.kept.count
            state.kept.append(fresh)
            return
        }
        while state.kept[state.hand].isUsed {
            state.kept[state.hand].isUsed = false
            state.hand = (state.hand + 1) % limit
        }
        state.places[state.kept[state.hand].place] = nil
        state.places[place] = state.hand
        state.kept[state.hand] = fresh
        state.hand = (state.hand + 1) % limit
    }
}
