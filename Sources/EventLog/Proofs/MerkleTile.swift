import Wire

/// A tile of the tree in memory: up to 256 neighbouring nodes of height 8 × level, and the nodes above them that they
/// complete, up to height 7 above.
final class MerkleTile: Sendable {
    static let width = 256

    /// By height above the bottom, 0 to 7 (8, one node, where the tile is full).
    private let rows: [[Digest]]

    init(_ bottom: [Digest]) {
        precondition(!bottom.isEmpty && bottom.count <= Self.width)
        var rows = [bottom]
        while let row = rows.last, row.count > 1 {
            rows.append(
                (0..<row.count / 2).map { MerkleTree.nodeHash(row[2 * $0], row[2 * $0 + 1]) })
        }
        self.rows = rows
    }

    var bottom: [Digest] { rows[0] }
    /// The node over all 256; nil where there are fewer.
    var root: Digest? { rows.count > 8 ? rows[8][0] : nil }

    func node(height: Int, index: Int) -> Digest { rows[height][index] }
}
