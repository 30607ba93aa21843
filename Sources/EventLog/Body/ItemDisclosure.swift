import Ciphers
import Wire

/// One item with all that a third party needs to see that a record holds it: no key, and nothing about the
/// others.
public struct ItemDisclosure: Hashable, Sendable {
    /// 0-based among the commitment's leaves: part A's items, then part B's.
    public var leafIndex: Int
    public var leafCount: Int
    /// The item's own salt.
    public var salt: Digest
    public var meta: [UInt8]
    public var content: [UInt8]
    /// Hashes from the leaf's sibling up (RFC 6962, section 2.1.1).
    public var path: [Digest]

    public init(
        leafIndex: Int, leafCount: Int, salt: Digest, meta: [UInt8], content: [UInt8], path: [Digest]
    ) {
        (self.leafIndex, self.leafCount, self.salt) = (leafIndex, leafCount, salt)
        (self.meta, self.content, self.path) = (meta, content, path)
    }

    public var leaf: Digest {
        var hash = Commitment.leafHead(salt: salt, meta: meta[...])
        hash.update(content)
        return hash.finish()
    }

    /// Whether the record whose header carries `commitment` holds exactly this item in exactly this place.
    public func isProved(by commitment: Digest) -> Bool {
        CommitmentTree.root(leaf: leaf, index: leafIndex, count: leafCount, path: path) == commitment
    }
}

extension Commitment {
    /// Discloses item `index` of one part. Both of the record's parts are needed, opened: the path runs over
    /// both.
    ///
    /// - Returns: nil where the record has no such item.
    public static func disclosure(
        item index: Int, of part: RecordPart, a: Body?, b: Body?
    ) -> ItemDisclosure? {
        guard let body = part == .a ? a : b, body.entries.indices.contains(index) else { return nil }
        let leaves = (a?.leaves ?? []) + (b?.leaves ?? [])
        let leafIndex = index + (part == .b ? a?.count ?? 0 : 0)
        return ItemDisclosure(
            leafIndex: leafIndex, leafCount: leaves.count, salt: salt(of: index, salt: body.salt),
            meta: Array(body.meta(of: index)), content: Array(body.content(of: index)),
            path: CommitmentTree.path(leafIndex, leaves[...]))
    }
}

extension Body {
    /// Discloses an item of a record that has no other part.
    public func disclosure(item index: Int) -> ItemDisclosure? {
        Commitment.disclosure(item: index, of: .a, a: self, b: nil)
    }
}
