import Ciphers
import Wire

/// Hashes the leaves of large units on a thread of its own while the writer goes on filling in records: four parts in ten of its work.
///
/// In chunks that are whole subtrees. A chunk that nobody has begun when the writer is done is hashed by the writer.
final class LeafHasher: Sendable {
    private struct State: Sendable {
        /// Handed over and not begun.
        var waiting: [LeafChunk] = []
        var isStopping = false
    }

    /// Chunks that wait, at most: past it the writer hashes one itself.
    private static let mostWaiting = 4

    private let state = Monitor(State())

    /// Body of the thread: returns once stopped.
    func run() {
        while let chunk = next() {
            let node = chunk.hashed()
            state.withLock { _ in chunk.node = node }
            state.broadcast()
        }
    }

    private func next() -> LeafChunk? {
        state.wait { state -> LeafChunk?? in
            if state.isStopping { return .some(nil) }
            return state.waiting.isEmpty ? nil : .some(state.waiting.removeFirst())
        } ?? nil
    }

    /// Hands over a chunk that is full.
    func add(_ chunk: LeafChunk) {
        let isTaken = state.withLock { state in
            if state.waiting.count >= Self.mostWaiting { return false }
            state.waiting.append(chunk)
            return true
        }
        if isTaken { state.broadcast() } else { chunk.node = chunk.hashed() }
    }

    /// The root of a chunk that was handed over: hashed now where nobody has begun to.
    func node(of chunk: LeafChunk) -> Digest {
        let isWaiting = state.withLock { state in
            guard let place = state.waiting.firstIndex(where: { $0 === chunk }) else { return false }
            state.waiting.remove(at: place)
            return true
        }
        return isWaiting ? chunk.hashed() : state.wait { _ in chunk.node } ?? .zero
    }

    func stop() {
        state.withLock { $0.isStopping = true }
        state.broadcast()
    }
}

/// The completed headers of 256 records that follow one another and begin a tile.
///
/// `@unchecked Sendable` because one thread at a time has it: who fills it in hands it over under the hasher's lock, and gets `node` back so.
final class LeafChunk: @unchecked Sendable {
    /// Leaves of a chunk: a tile of the tree's level 0.
    static let leaves = 256
    /// Levels of the tree above a leaf, to a chunk's root.
    static let height = 8

    private var headers: [UInt8] = []
    /// The root, once it was hashed by the other thread.
    var node: Digest?

    init() { headers.reserveCapacity(Self.leaves * RecordHeader.byteCount) }

    var isFull: Bool { headers.count == Self.leaves * RecordHeader.byteCount }

    /// Takes in the header of a record as it is stored.
    @inline(__always)
    func append(_ record: UnsafeRawBufferPointer) {
        headers.append(contentsOf: record[0..<RecordHeader.byteCount])
    }

    /// The root of the leaves, which are given back.
    func hashed() -> Digest {
        var tree = MerkleFrontier()
        forEachLeaf { tree.append($0) }
        headers = []
        return tree.root
    }

    func forEachLeaf(_ body: (Digest) -> Void) {
        headers.withUnsafeBytes { bytes in
            var at = 0
            while at < bytes.count {
                body(RecordLeaf.hash(UnsafeRawBufferPointer(rebasing: bytes[at...])))
                at += RecordHeader.byteCount
            }
        }
    }
}
