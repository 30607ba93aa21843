import Ciphers

/// Unwrapped keys in two generations: when the young one is full it becomes the old one, and the old one
/// goes. What is used comes back into the young one, so at least the last `capacity / 2` keys used are there.
struct KeyCache {
    private var young: [KeySlot: SecretKey] = [:]
    private var old: [KeySlot: SecretKey] = [:]
    private let generation: Int

    init(capacity: Int) { generation = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    mutating func key(_ slot: KeySlot) -> SecretKey? {
        if let key = young[slot] { return key }
        guard let key = old.removeValue(forKey: slot) else { return nil }
        insert(key, slot)
        return key
    }

    mutating func insert(_ key: SecretKey, _ slot: KeySlot) {
        if young.count >= generation {
            old = young
            young = [:]
        }
        young[slot] = key
    }

    mutating func remove(_ slot: KeySlot) {
        young[slot] = nil
        old[slot] = nil
    }
}
