import Ciphers
import Wire

/// Merkle tree hashes over leaves already hashed (RFC 6962, section 2.1) and inclusion paths in them.
enum CommitmentTree {
    /// - Parameter leaves: at least one.
    static func root(_ leaves: ArraySlice<Digest>) -> Digest {
        guard leaves.count > 1 else { return leaves.first! }
        let split = leaves.startIndex + largestPowerOfTwo(below: leaves.count)
        return SHA256.hash(
            prefix: 1, left: root(leaves[leaves.startIndex..<split]), right: root(leaves[split...]))
    }

    /// The path of leaf `index`, its sibling first (section 2.1.1).
    static func path(_ index: Int, _ leaves: ArraySlice<Digest>) -> [Digest] {
        guard leaves.count > 1 else { return [] }
        let half = largestPowerOfTwo(below: leaves.count)
        let left = leaves[..<(leaves.startIndex + half)]
        let right = leaves[(leaves.startIndex + half)...]
        return index < half ? path(index, left) + [root(right)] : path(index - half, right) + [root(left)]
    }

    /// The root that a leaf and its path lead to (RFC 9162, section 2.1.3.2); nil for a path of a wrong
    /// length.
    static func root(leaf: Digest, index: Int, count: Int, path: [Digest]) -> Digest? {
        guard index >= 0, index < count else { return nil }
        var (position, last, hash) = (index, count - 1, leaf)
        for sibling in path {
            guard last > 0 else { return nil }
            if position & 1 == 1 || position == last {
                hash = SHA256.hash(prefix: 1, left: sibling, right: hash)
                while position & 1 == 0, position != 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = SHA256.hash(prefix: 1, left: hash, right: sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }

    private static func largestPowerOfTwo(below count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
