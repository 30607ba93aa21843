import Ciphers
import Glibc
import Synchronization

/// Unwrapped keys in memory, for all threads: in shards by slot and, a few times over, by thread. Those who seal and open on every core
/// neither wait for one another, nor hand the lock and the count of a key that all use (the region's) from core to core.
final class SharedKeyCache: Sendable {
    /// A power of two.
    private static let slotShards = 16
    /// Bits of the thread's number that choose among the shards of a slot.
    private static let threadBits = 2

    /// What was read from a file that is no longer the current one is not kept: a shard's generation changes with it.
    private final class Shard: Sendable {
        let state: Mutex<(keys: KeyCache, generation: Int)>

        init(capacity: Int) { state = Mutex((KeyCache(capacity: capacity), 0)) }
    }

    private let shards: [Shard]
    private let shardCapacity: Int

    /// - Parameter capacity: keys kept, at most. One that threads of several shards use counts for each.
    init(capacity: Int) {
        let count = Self.slotShards << Self.threadBits
        let shardCapacity = max(2, capacity / count)
        self.shardCapacity = shardCapacity
        shards = (0..<count).map { _ in Shard(capacity: shardCapacity) }
    }

    /// The calling thread's shard: a thread that reads a key puts it where it looked for it.
    private func shard(of slot: KeySlot) -> Shard {
        // Threads' numbers are addresses, a stack apart from each other: what tells them apart is spread over the upper bits.
        let spread = UInt64(UInt(pthread_self())) &* 0x9E37_79B9_7F4A_7C15
        return shards[Int(spread >> UInt64(64 - Self.threadBits)) * Self.slotShards + Self.number(slot)]
    }

    private static func number(_ slot: KeySlot) -> Int {
        Int(truncatingIfNeeded: slot.value) & (slotShards - 1)
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
        for slot in slots {
            for index in stride(from: Self.number(slot), to: shards.count, by: Self.slotShards) {
                shards[index].state.withLock { $0.keys.remove(slot) }
            }
        }
    }

    func forgetAll() {
        for shard in shards {
            shard.state.withLock { $0 = (KeyCache(capacity: shardCapacity), $0.generation + 1) }
        }
    }
}
