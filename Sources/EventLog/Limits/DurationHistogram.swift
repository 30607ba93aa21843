/// Durations in microseconds, counted in buckets an eighth of a power of two wide: a quantile is right within 12.5 %, in
/// 4 KB whatever was counted.
struct DurationHistogram: Sendable {
    private static let steps = 8

    private var counts = [UInt64](repeating: 0, count: 64 * steps)
    private(set) var count: UInt64 = 0
    private(set) var longest: UInt64 = 0

    mutating func note(_ microseconds: Int64) {
        let value = UInt64(max(0, microseconds))
        counts[Self.bucket(value)] += 1
        count += 1
        longest = max(longest, value)
    }

    static func bucket(_ value: UInt64) -> Int {
        if value < UInt64(steps) { return Int(value) }
        let power = UInt64.bitWidth - 1 - value.leadingZeroBitCount
        return (power - 2) * steps + Int(value >> UInt64(power - 3)) - steps
    }

    /// The largest value of a bucket.
    static func top(_ bucket: Int) -> UInt64 {
        if bucket < steps { return UInt64(bucket) }
        let (power, step) = (bucket / steps + 2, bucket % steps)
        return UInt64(steps + step + 1) << UInt64(power - 3) &- 1
    }

    /// The value that the given share of all is at or below; zero where nothing was counted.
    func quantile(_ share: Double) -> UInt64 {
        let wanted = UInt64((share * Double(count)).rounded(.up))
        var seen: UInt64 = 0
        for (bucket, found) in counts.enumerated() where found > 0 {
            seen += found
            if seen >= wanted { return min(Self.top(bucket), longest) }
        }
        return longest
    }

    var summary: DurationSummary {
        DurationSummary(
            count: count, medianMicroseconds: quantile(0.5), p99Microseconds: quantile(0.99),
            longestMicroseconds: longest)
    }
}

/// How long something took, over all times that it was done.
public struct DurationSummary: Sendable, Hashable {
    public var count: UInt64
    public var medianMicroseconds: UInt64
    public var p99Microseconds: UInt64
    public var longestMicroseconds: UInt64

    public init(
        count: UInt64 = 0, medianMicroseconds: UInt64 = 0, p99Microseconds: UInt64 = 0,
        longestMicroseconds: UInt64 = 0
    ) {
        (self.count, self.medianMicroseconds) = (count, medianMicroseconds)
        (self.p99Microseconds, self.longestMicroseconds) = (p99Microseconds, longestMicroseconds)
    }
}
