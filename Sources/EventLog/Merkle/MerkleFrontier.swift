import Wire

/// The right edge of a growing Merkle tree: the roots of its complete subtrees, largest first, one for each bit
/// of the leaf count. All that appending needs.
public struct MerkleFrontier: Hashable, Sendable {
    /// Leaves so far.
    public private(set) var count: UInt64 = 0
    private(set) var peaks: [Digest] = []

    public init() {}

    /// As it was before. There is one peak for each bit of the count.
    init(count: UInt64, peaks: [Digest]) {
        precondition(peaks.count == count.nonzeroBitCount)
        (self.count, self.peaks) = (count, peaks)
    }

    /// Appends a leaf's hash.
    public mutating func append(_ leaf: Digest) {
        append(leaf) { _, _, _ in }
    }

    /// Appends a leaf's hash, telling each tile that it completes: the root of 256^level leaves, and the tile's
    /// 0-based index on its level.
    @inline(__always)
    mutating func append(_ leaf: Digest, completed: (_ level: Int, _ index: UInt64, _ node: Digest) -> Void) {
        appendSubtree(leaf, height: 0, completed: completed)
    }

    /// Appends the root of a complete subtree of 2^height leaves. The count must be a multiple of that.
    mutating func appendSubtree(
        _ node: Digest, height: Int, completed: (_ level: Int, _ index: UInt64, _ node: Digest) -> Void
    ) {
        precondition(count & (1 << UInt64(height) - 1) == 0)
        var (node, height) = (node, height)
        let after = count + 1 << UInt64(height)
        while count >> UInt64(height) & 1 == 1 {
            node = MerkleTree.nodeHash(peaks.removeLast(), node)
            height += 1
            if height & 7 == 0 { completed(height >> 3, after >> UInt64(height) - 1, node) }
        }
        peaks.append(node)
        count = after
    }

    /// The root of the tree so far.
    public var root: Digest {
        guard var node = peaks.last else { return MerkleTree.emptyRoot }
        for peak in peaks.dropLast().reversed() { node = MerkleTree.nodeHash(peak, node) }
        return node
    }
}
