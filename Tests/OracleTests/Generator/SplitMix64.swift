/// The generator of every history: small, seeded, the same on every machine (Steele, Lea and Flood, 2014).
struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// 0..<bound, by remainder: the bias does not matter here, the stability across library versions does.
    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

    mutating func chance(_ part: Int, in whole: Int) -> Bool { below(whole) < part }

    mutating func pick<T>(_ from: [T]) -> T { from[below(from.count)] }

    mutating func maybePick<T>(_ from: [T]) -> T? { from.isEmpty ? nil : pick(from) }

    /// Every element with the same chance, in the order given.
    mutating func subset<T>(_ from: [T], _ part: Int, in whole: Int) -> [T] {
        var out: [T] = []
        for element in from where chance(part, in: whole) { out.append(element) }
        return out
    }

    /// One of the weighted choices.
    mutating func weighted<T>(_ choices: [(Int, T)]) -> T {
        var at = below(choices.reduce(0) { $0 + $1.0 })
        for (weight, value) in choices {
            if at < weight { return value }
            at -= weight
        }
        return choices[0].1
    }
}
