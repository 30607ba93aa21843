import Ciphers
import Synchronization

/// Unwrapped keys in memory, shared by all threads: in shards by slot, so that those who seal and open on every core do not wait for one
/// another.
final class SharedKeyCache: Sendable {
    /// A power of two.
    private static let shards = 16

    /// What was read from a file that is no longer the current one is not kept: a shard's generation changes with it.
    private final class Shard: Sendable {
        let state: Mutex<(keys: KeyCache, generation: Int)>

        init(capacity: Int) { state = Mutex((KeyCache(capacity: capacity), 0)) }
    }

    private let shards: [Shard]
    private let shardCapacity: Int

    init(capacity: Int) {
        let shardCapacity = max(2, capacity / Self.shards)
        self.shardCapacity = shardCapacity
        shards = (0..<Self.shards).map { _ in Shard(capacity: shardCapacity) }
    }

    private func shard(of slot: KeySlot) -> Shard {
        shards[Int(truncatingIfNeeded: slot.value) & (Self.shards - 1)]
    }

    /// - Returns: also the generation that `insert` wants of a key read after this.
    func key(_ slot: KeySlot) -> (key: SecretKey?, generation: Int) {
        shard(of: slot).state.withLock { ($0.keys.key(slot), $0.generation) }
    }

    /// Keeps a key, unless keys were forgotten since the generation: it may be one of those.
    func insert(_ key: SecretKey, _ slot: KeySlot, readIn generation: Int) {
        shard(of: slot).state.withLock { if $0.generation == generation { $0.keys.insert(key, slot) } }
    }

    /// Returns when no shard has any of them, nor takes one that was being read.
    func forget(_ slots: some Sequence<KeySlot>) {
        for shard in shards { shard.state.withLock { $0.generation += 1 } }
        for slot in slots { shard(of: slot).state.withLock { $0.keys.remove(slot) } }
    }

    func forgetAll() {
        for shard in shards {
            shard.state.withLock { $0 = (KeyCache(capacity: shardCapacity), $0.generation + 1) }
        }
    }
}
