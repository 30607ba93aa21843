/// Byte strings to numbers, looked up without an allocation. Randomly seeded, so that no sender can make it
/// slow.
struct ReferenceIndex {
    private var bytes: [UInt8] = []
    private var keys: [(start: Int, end: Int, hash: Int, value: Int)] = []
    private var slots: [Int32]
    private var mask: Int

    init(expecting count: Int = 0) {
        var size = 16
        while size < count * 2 { size *= 2 }
        slots = Array(repeating: -1, count: size)
        mask = size - 1
        keys.reserveCapacity(count)
    }

    var isEmpty: Bool { keys.isEmpty }

    /// Adds a key.
    ///
    /// - Returns: the value it has already, which stays; nil where it is new.
    mutating func insert(_ key: [UInt8], _ value: Int) -> Int? {
        let hash = Self.hash(key.span.bytes, 0..<key.count)
        if let found = find(key.span.bytes, 0..<key.count, hash) { return found }
        if keys.count * 2 >= slots.count { grow() }
        keys.append((bytes.count, bytes.count + key.count, hash, value))
        bytes.append(contentsOf: key)
        place(keys.count - 1)
        return nil
    }

    func find(_ raw: RawSpan, _ range: Range<Int>) -> Int? {
        keys.isEmpty ? nil : find(raw, range, Self.hash(raw, range))
    }

    func find(_ key: [UInt8]) -> Int? { find(key.span.bytes, 0..<key.count) }

    private func find(_ raw: RawSpan, _ range: Range<Int>, _ hash: Int) -> Int? {
        var slot = hash & mask
        while slots[slot] >= 0 {
            let key = keys[Int(slots[slot])]
            if key.hash == hash, key.end - key.start == range.count,
                JSONFingerprint.equal(
                    raw, range.lowerBound, bytes.span.bytes, key.start, count: range.count)
            {
                return key.value
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func place(_ index: Int) {
        var slot = keys[index].hash & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(index)
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        mask = slots.count - 1
        for index in keys.indices { place(index) }
    }

    /// SipHash with the process's seed.
    private static func hash(_ raw: RawSpan, _ range: Range<Int>) -> Int {
        var hasher = Hasher()
        // Hot: once a reference. The closure sees exactly the range, which the slicing checks.
        raw.extracting(range).withUnsafeBytes { hasher.combine(bytes: $0) }
        return hasher.finalize()
    }
}
