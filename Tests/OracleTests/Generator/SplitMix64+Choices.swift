import Seeded

/// The generator of every history.
typealias SplitMix64 = Seeded.SplitMix64

extension SplitMix64 {
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
