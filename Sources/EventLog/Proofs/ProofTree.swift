import LMDB
import Synchronization
import Wire

/// Proofs over the stored tree, from its tiles and, on the lowest level, the records' headers. What a proof needs is a few
/// tiles, most of them shared with every other proof, so tiles are kept for a while.
final class ProofTree: Sendable {
    /// Tiles kept: about 64 MB, which holds the lowest tiles of a million records.
    static let cachedTiles = 4096

    private let storage: LogEnvironment
    private let cache = TileCache(tiles: cachedTiles)
    /// The right edge of the tree of the size asked for last: every proof in it needs some of these.
    private let edge = Mutex(Edge(size: 0))

    private struct Edge {
        var size: UInt64
        /// By the first leaf: the root over it and all after it.
        var roots: [UInt64: Digest] = [:]
    }

    /// One proof's way through the tree: most of its nodes are in the tile that it looked at last.
    private struct Walk {
        let head: UInt64
        var level = -1
        var index: UInt64 = 0
        var tile: MerkleTile?
    }

    init(_ storage: LogEnvironment) { self.storage = storage }

    // MARK: Proofs

    /// The audit path of leaf `index` in the tree of `size` leaves (RFC 6962, section 2.1.1).
    ///
    /// - Parameter head: records that there are: a tile that they fill is the same for every size.
    func inclusion(_ index: UInt64, size: UInt64, head: UInt64) throws(LogError) -> [Digest] {
        precondition(index < size && size <= head)
        var (low, high) = (UInt64(0), size)
        var path: [Digest] = []
        path.reserveCapacity(40)
        var walk = Walk(head: head)
        while high - low > 1 {
            let middle = low + Self.split(high - low)
            if index < middle {
                path.append(try root(middle, high, &walk))
                high = middle
            } else {
                path.append(try root(low, middle, &walk))
                low = middle
            }
        }
        return path.reversed()
    }

    /// The proof that the tree of `old` leaves begins that of `size` (RFC 6962, section 2.1.2).
    func consistency(_ old: UInt64, size: UInt64, head: UInt64) throws(LogError) -> [Digest] {
        precondition(old <= size && size <= head)
        if old == 0 || old == size { return [] }
        var (low, high, isWhole) = (UInt64(0), size, true)
        var path: [Digest] = []
        var walk = Walk(head: head)
        while old != high {
            let middle = low + Self.split(high - low)
            if old <= middle {
                path.append(try root(middle, high, &walk))
                high = middle
            } else {
                path.append(try root(low, middle, &walk))
                (low, isWhole) = (middle, false)
            }
        }
        if !isWhole { path.append(try root(low, high, &walk)) }
        return path.reversed()
    }

    /// The root of the first `size` leaves.
    func root(size: UInt64, head: UInt64) throws(LogError) -> Digest {
        var walk = Walk(head: head)
        return size == 0 ? MerkleTree.emptyRoot : try root(0, size, &walk)
    }

    /// The largest power of two below `count`.
    private static func split(_ count: UInt64) -> UInt64 {
        1 << UInt64(UInt64.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    // MARK: Nodes

    /// The root over leaves `low` to `high`, which a proof's cuts make: `low` is a multiple of any complete part.
    private func root(_ low: UInt64, _ high: UInt64, _ walk: inout Walk) throws(LogError) -> Digest {
        let count = high - low
        if count & (count - 1) == 0 {
            let height = count.trailingZeroBitCount
            return try node(height: height, index: low >> UInt64(height), &walk)
        }
        // Only the tree's right edge is not complete.
        if let known = edge.withLock({ $0.size == high ? $0.roots[low] : nil }) { return known }
        let middle = low + Self.split(count)
        let made = MerkleTree.nodeHash(try root(low, middle, &walk), try root(middle, high, &walk))
        edge.withLock {
            if $0.size != high { $0 = Edge(size: high) }
            $0.roots[low] = made
        }
        return made
    }

    private func node(height: Int, index: UInt64, _ walk: inout Walk) throws(LogError) -> Digest {
        let (level, above) = (height >> 3, height & 7)
        let first = index << UInt64(above)
        if walk.level != level || walk.index != first >> 8 || walk.tile == nil {
            walk.tile = try tile(level: level, index: first >> 8, walk.head)
            (walk.level, walk.index) = (level, first >> 8)
        }
        return walk.tile!.node(height: above, index: Int(first & 255) >> above)
    }

    /// The tile as far as `head` records fill it.
    func tile(level: Int, index: UInt64, _ head: UInt64) throws(LogError) -> MerkleTile {
        let nodes = head >> UInt64(8 * level) - index << 8
        let width = Int(min(nodes, UInt64(MerkleTile.width)))
        return try cache.tile(TileCache.Place(level: level, index: index, width: width)) {
            () throws(LogError) -> MerkleTile in try load(level, index, width)
        }
    }

    private func load(_ level: Int, _ index: UInt64, _ width: Int) throws(LogError) -> MerkleTile {
        try storage.environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LogError) in
            let first = Position(index << UInt64(8 * (level + 1)) + 1)
            let bottom =
                level == 0
                ? try leaves(from: first, count: width, t)
                : try nodes(level, from: index << 8, count: width, t)
            let tile = MerkleTile(bottom)
            // What is handed out as proof is compared with what was written when the records were.
            if let root = tile.root, level < 7 {
                guard try storage.tile(level: level + 1, index: index, in: t) == root else {
                    throw .corrupt(
                        position: first, what: "the tile of level \(level + 1) from here on is not the tree's"
                    )
                }
            }
            return tile
        }
    }

    private func leaves(
        from first: Position, count: Int, _ t: borrowing ReadTransaction
    ) throws(LogError) -> [Digest] {
        try t.withCursor(storage.records) { (cursor: inout Cursor) throws(LogError) in
            var out: [Digest] = []
            out.reserveCapacity(count)
            var more = try cursor.seek(first.value, LogError.self)
            while out.count < count {
                let position = Position(first.value + UInt64(out.count))
                guard more, cursor.key.count == 8, cursor.key.big(0, as: UInt64.self) == position.value,
                    cursor.value.count >= RecordHeader.byteCount
                else { throw .corrupt(position: position, what: "the record is missing") }
                out.append(RecordLeaf.hash(cursor.value))
                more = try cursor.next(LogError.self)
            }
            return out
        }
    }

    private func nodes(
        _ level: Int, from first: UInt64, count: Int, _ t: borrowing ReadTransaction
    ) throws(LogError) -> [Digest] {
        var out: [Digest] = []
        out.reserveCapacity(count)
        for index in first..<first + UInt64(count) {
            guard let node = try storage.tile(level: level, index: index, in: t) else {
                throw .corrupt(
                    position: Position(index << UInt64(8 * level) + 1),
                    what: "the tile of level \(level) from here on is missing")
            }
            out.append(node)
        }
        return out
    }
}
