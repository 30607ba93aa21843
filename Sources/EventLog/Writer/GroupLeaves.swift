import Wire

/// The leaves of a transaction that are not in its Merkle tree yet, in order: those of large units in chunks that another thread hashes.
struct GroupLeaves {
    private enum Entry {
        case leaf(Digest)
        case chunk(LeafChunk)
    }

    private let hasher: LeafHasher
    private var entries: [Entry] = []
    private var filling: LeafChunk?
    /// Records of the unit that may still come.
    private var expected = 0

    init(_ hasher: LeafHasher) { self.hasher = hasher }

    /// A unit begins that has as many records, at most.
    mutating func expect(_ records: Int) { expected = records }

    /// Takes in a record as it is stored.
    ///
    /// - Parameters:
    ///   - index: of the leaf, 0-based.
    ///   - tree: given the leaf at once where none before it is still being hashed.
    @inline(__always)
    mutating func append(
        _ record: UnsafeRawBufferPointer, at index: UInt64, to tree: (Digest) -> Void
    ) {
        if filling == nil, expected >= LeafChunk.leaves, index & UInt64(LeafChunk.leaves - 1) == 0 {
            filling = LeafChunk()
        }
        expected -= 1
        guard let chunk = filling else {
            let leaf = RecordLeaf.hash(record)
            if entries.isEmpty { tree(leaf) } else { entries.append(.leaf(leaf)) }
            return
        }
        chunk.append(record)
        if chunk.isFull {
            filling = nil
            hasher.add(chunk)
            entries.append(.chunk(chunk))
        }
    }

    /// Gives all that are left to the tree.
    mutating func drain(leaf: (Digest) -> Void, chunk: (Digest) -> Void) {
        for entry in entries {
            switch entry {
            case .leaf(let digest): leaf(digest)
            case .chunk(let whole): chunk(hasher.node(of: whole))
            }
        }
        entries = []
        filling?.forEachLeaf(leaf)
        filling = nil
    }
}
