import Ciphers
import Wire

/// The Merkle tree of RFC 6962, section 2.1, over hashes: roots, and the proofs that third parties check.
public enum MerkleTree {
    /// The root of no leaves: SHA-256 of nothing.
    public static let emptyRoot = SHA256.hash([UInt8]())

    /// SHA-256(0x00 ‖ bytes).
    public static func leafHash(_ bytes: [UInt8]) -> Digest { SHA256.hash(prefix: 0, bytes) }

    /// SHA-256(0x01 ‖ left ‖ right).
    @inline(__always)
    public static func nodeHash(_ left: Digest, _ right: Digest) -> Digest {
        SHA256.hash(prefix: 1, left: left, right: right)
    }

    /// The root over leaf hashes.
    public static func root(_ leaves: [Digest]) -> Digest {
        var frontier = MerkleFrontier()
        for leaf in leaves { frontier.append(leaf) }
        return frontier.root
    }

    /// The audit path of the leaf at `index` (section 2.1.1), leaf's neighbour first.
    public static func inclusionProof(_ index: Int, _ leaves: [Digest]) -> [Digest] {
        precondition(index >= 0 && index < leaves.count)
        return path(index, leaves[...])
    }

    private static func path(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        if leaves.count == 1 { return [] }
        let k = split(leaves.count)
        let middle = leaves.startIndex + k
        return index < k
            ? path(index, leaves[..<middle]) + [root(Array(leaves[middle...]))]
            : path(index - k, leaves[middle...]) + [root(Array(leaves[..<middle]))]
    }

    /// The proof that the tree of the first `size` leaves is a prefix of the whole (section 2.1.2).
    public static func consistencyProof(_ size: Int, _ leaves: [Digest]) -> [Digest] {
        precondition(size > 0 && size <= leaves.count)
        return size == leaves.count ? [] : subproof(size, leaves[...], true)
    }

    private static func subproof(_ size: Int, _ leaves: ArraySlice<Digest>, _ whole: Bool) -> [Digest] {
        if size == leaves.count { return whole ? [] : [root(Array(leaves))] }
        let k = split(leaves.count)
        let middle = leaves.startIndex + k
        return size <= k
            ? subproof(size, leaves[..<middle], whole) + [root(Array(leaves[middle...]))]
            : subproof(size - k, leaves[middle...], false) + [root(Array(leaves[..<middle]))]
    }

    /// The largest power of two below `count`.
    private static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    /// Whether `proof` shows that `leaf` stands at `index` of the tree of `size` leaves with that root
    /// (RFC 9162, section 2.1.3.2).
    public static func verifyInclusion(
        index: UInt64, size: UInt64, leaf: Digest, proof: [Digest], root: Digest
    ) -> Bool {
        guard index < size else { return false }
        var (node, last, hash) = (index, size - 1, leaf)
        for sibling in proof {
            if last == 0 { return false }
            if node & 1 == 1 || node == last {
                hash = nodeHash(sibling, hash)
                while node & 1 == 0 && node != 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                hash = nodeHash(hash, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && hash == root
    }

    /// Whether `proof` shows that the tree of `size1` leaves and `root1` is a prefix of that of `size2` and `root2`
    /// (RFC 9162, section 2.1.4.2). That of nothing is a prefix of every tree, which is no proof: false.
    public static func verifyConsistency(
        size1: UInt64, size2: UInt64, proof: [Digest], root1: Digest, root2: Digest
    ) -> Bool {
        if size1 == 0 || size1 > size2 { return false }
        if size1 == size2 { return proof.isEmpty && root1 == root2 }
        if proof.isEmpty { return false }
        // A power of two is its own first node, and the proof leaves it out.
        var rest = proof[...]
        let first = size1 & (size1 - 1) == 0 ? root1 : rest.removeFirst()
        var (node, last) = (size1 - 1, size2 - 1)
        while node & 1 == 1 { (node, last) = (node >> 1, last >> 1) }
        var (hash1, hash2) = (first, first)
        for sibling in rest {
            if last == 0 { return false }
            if node & 1 == 1 || node == last {
                hash1 = nodeHash(sibling, hash1)
                hash2 = nodeHash(sibling, hash2)
                while node & 1 == 0 && node != 0 { (node, last) = (node >> 1, last >> 1) }
            } else {
                hash2 = nodeHash(hash2, sibling)
            }
            (node, last) = (node >> 1, last >> 1)
        }
        return last == 0 && hash1 == root1 && hash2 == root2
    }

    // MARK: Hashes as they come

    /// `verifyInclusion` for hashes out of a file, which may be of any length: those that are no SHA-256 prove nothing.
    public static func verifyInclusion(
        index: UInt64, size: UInt64, leaf: [UInt8], proof: [[UInt8]], root: [UInt8]
    ) -> Bool {
        guard let leaf = Digest(leaf), let root = Digest(root), let proof = digests(proof) else {
            return false
        }
        return verifyInclusion(index: index, size: size, leaf: leaf, proof: proof, root: root)
    }

    /// `verifyConsistency` likewise. Two roots of one size need no more than to be the same bytes.
    public static func verifyConsistency(
        size1: UInt64, size2: UInt64, proof: [[UInt8]], root1: [UInt8], root2: [UInt8]
    ) -> Bool {
        if size1 == size2 { return size1 > 0 && proof.isEmpty && root1 == root2 }
        guard let proof = digests(proof), let root1 = Digest(root1), let root2 = Digest(root2) else {
            return false
        }
        return verifyConsistency(size1: size1, size2: size2, proof: proof, root1: root1, root2: root2)
    }

    private static func digests(_ hashes: [[UInt8]]) -> [Digest]? {
        let found = hashes.compactMap { Digest($0) }
        return found.count == hashes.count ? found : nil
    }
}
