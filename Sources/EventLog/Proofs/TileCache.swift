import Synchronization

/// Tiles used lately, in two generations: when the young one is full it becomes the old one, and the old one goes.
final class TileCache: Sendable {
    struct Place: Hashable, Sendable {
        var level: Int
        var index: UInt64
        /// Nodes at the bottom: a tile at the right edge is another one when it has grown.
        var width: Int
    }

    private struct State {
        var young: [Place: MerkleTile] = [:]
        var old: [Place: MerkleTile] = [:]
    }

    private let state = Mutex(State())
    private let generation: Int

    /// - Parameter tiles: kept at most, of about 16 KB each.
    init(tiles: Int) { generation = max(1, tiles / 2) }

    func tile<E: Error>(_ place: Place, make: () throws(E) -> MerkleTile) throws(E) -> MerkleTile {
        if let found = state.withLock({ Self.find(place, &$0, generation) }) { return found }
        let made = try make()
        state.withLock { Self.insert(made, place, &$0, generation) }
        return made
    }

    private static func find(_ place: Place, _ state: inout State, _ generation: Int) -> MerkleTile? {
        if let tile = state.young[place] { return tile }
        guard let tile = state.old.removeValue(forKey: place) else { return nil }
        insert(tile, place, &state, generation)
        return tile
    }

    private static func insert(_ tile: MerkleTile, _ place: Place, _ state: inout State, _ generation: Int) {
        if state.young.count >= generation {
            state.old = state.young
            state.young = [:]
        }
        state.young[place] = tile
    }
}
