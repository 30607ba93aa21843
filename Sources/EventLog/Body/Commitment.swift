import Ciphers
import Wire

/// The commitment of a record: an RFC 6962 root over one salted hash for each item, part A's items before
/// part B's.
///
/// Leaf i of a part is `SHA-256(0x00 ‖ salt_i ‖ varint meta length ‖ meta ‖ content)` with `salt_i =
/// SHA-256(salt ‖ u32 i)`. The salt is sealed with the body: the commitment tells nothing to whoever lacks
/// the key, and one item can be disclosed with its own salt without making the others guessable.
public enum Commitment {
    /// The root over the leaves, zero where there are none.
    public static func root(_ leaves: [Digest]) -> Digest {
        leaves.isEmpty ? .zero : CommitmentTree.root(leaves[...])
    }

    /// The commitment of opened parts, to be compared with the header's.
    public static func root(a: Body?, b: Body?) -> Digest {
        root((a?.leaves ?? []) + (b?.leaves ?? []))
    }

    static func salt(of index: Int, salt: ArraySlice<UInt8>) -> Digest {
        precondition(salt.count == BodyLimits.saltBytes)
        // One block, filled here.
        return withUnsafeTemporaryAllocation(byteCount: BodyLimits.saltBytes + 4, alignment: 8) { room in
            salt.withUnsafeBytes { room.copyMemory(from: $0) }
            room.setBig(UInt32(index), BodyLimits.saltBytes)
            return SHA256.hash(UnsafeRawBufferPointer(room))
        }
    }

    /// A leaf up to its content: give it the content and finish it.
    static func leafHead(salt: Digest, meta: ArraySlice<UInt8>) -> SHA256 {
        var hash = SHA256()
        hash.update(byte: 0)
        hash.update(salt)
        var rest = meta.count
        while rest >= 0x80 {
            hash.update(byte: UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        hash.update(byte: UInt8(rest))
        hash.update(meta)
        return hash
    }

    /// The leaves of items on their way into a body with that salt. The items were checked by `Body.encode`.
    static func leaves(of items: [BodyItem], salt: [UInt8]) throws(WireError) -> [Digest] {
        var out: [Digest] = []
        try appendLeaves(of: items, salt: salt, to: &out)
        return out
    }

    static func appendLeaves(
        of items: [BodyItem], salt: [UInt8], to out: inout [Digest]
    ) throws(WireError) {
        var scratch = SpliceScratch()
        var source: [UInt8] = []
        if case .literal(let bytes) = items.first?.content { source = bytes }
        out.reserveCapacity(out.count + items.count)
        for index in items.indices {
            var leaf = leafHead(
                salt: self.salt(of: index, salt: salt[...]), meta: items[index].meta[...])
            switch items[index].content {
            case .literal(let bytes): leaf.update(bytes)
            case .derived(let splice): try scratch.update(&leaf, with: splice, of: source[...])
            }
            out.append(leaf.finish())
        }
    }
}

extension Body {
    /// The commitment's leaves of this part.
    public var leaves: [Digest] {
        var scratch = SpliceScratch()
        return (0..<count).map { index in
            var leaf = Commitment.leafHead(
                salt: Commitment.salt(of: index, salt: salt), meta: meta(of: index))
            guard let splice = splice(of: index) else {
                leaf.update(payload[entries[index].content])
                return leaf.finish()
            }
            do {
                try scratch.update(&leaf, with: splice, of: payload[entries[0].content])
            } catch {
                preconditionFailure("a splice was checked when the body was decoded: \(error)")
            }
            return leaf.finish()
        }
    }
}

/// Room for one computed content at a time, used again for the next: a bundle has hundreds.
private struct SpliceScratch {
    private var room: [UInt8] = []

    mutating func update(
        _ hash: inout SHA256, with splice: JSONSplice, of source: ArraySlice<UInt8>
    ) throws(WireError) {
        let capacity = try splice.capacity(in: source.count)
        if room.count < capacity { room = [UInt8](repeating: 0, count: max(capacity, 2 * room.count)) }
        let count = room.withUnsafeMutableBytes { out in
            source.withUnsafeBytes { splice.write(from: $0, into: out) }
        }
        hash.update(room[..<count])
    }
}
