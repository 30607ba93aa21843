/// Seeded chance, the same on every machine: SplitMix64 (Steele, Lea and Flood, 2014).
struct Dice: Sendable {
    private(set) var state: UInt64

    init(state: UInt64) { self.state = state }

    /// Chance of its own for one thing of one kind, whatever else is drawn: nothing needs to be kept to draw it again.
    init(seed: UInt64, _ purpose: Purpose, _ index: Int) {
        var mixed = Dice(state: seed ^ (purpose.rawValue &* 0xD6E8_FEB8_6659_FD93))
        mixed.state = mixed.next() ^ (UInt64(truncatingIfNeeded: index) &* 0xA076_1D64_78BD_642F)
        state = mixed.next()
    }

    /// What is drawn: each has numbers of its own, so that a change to one leaves the others as they were.
    enum Purpose: UInt64 {
        case person = 1
        case household, staff, life, feature, misuse, story
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0..<bound, by remainder: the bias does not matter here.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func from(_ low: Int, to high: Int) -> Int { low + below(high - low + 1) }

    mutating func chance(_ part: Int, in whole: Int) -> Bool { below(whole) < part }

    mutating func pick<T>(_ from: [T]) -> T { from[below(from.count)] }

    /// The index of one of the weights.
    mutating func weighted(_ weights: [Int]) -> Int {
        var at = below(weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            if at < weight { return index }
            at -= weight
        }
        return 0
    }
}
