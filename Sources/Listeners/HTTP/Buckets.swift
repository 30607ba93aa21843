/// Rates by key: each may take so many at once, and so many a second after that. Bounded in keys: those that are full again are forgotten
/// first, and where all are in use, whoever comes new shares one.
struct Buckets<Key: Hashable & Sendable>: Sendable {
    /// Keys kept apart, at most.
    static var maximumKeys: Int { 8192 }

    private struct Bucket: Sendable {
        var left: Double
        var at: ContinuousClock.Instant
    }

    let burst: Double
    let aSecond: Double
    private var buckets: [Key?: Bucket] = [:]

    init(burst: Double, aSecond: Double) { (self.burst, self.aSecond) = (burst, aSecond) }

    /// Takes one.
    ///
    /// - Returns: nil where there was one; else how long until there is.
    mutating func take(_ key: Key, now: ContinuousClock.Instant = .now) -> Duration? {
        let name = place(for: key, now)
        var bucket = buckets[name] ?? Bucket(left: burst, at: now)
        bucket.left = filled(bucket, now)
        bucket.at = now
        let wait = bucket.left >= 1 ? nil : Duration.seconds((1 - bucket.left) / aSecond)
        if wait == nil { bucket.left -= 1 }
        buckets[name] = bucket
        return wait
    }

    private func filled(_ bucket: Bucket, _ now: ContinuousClock.Instant) -> Double {
        min(burst, bucket.left + (now - bucket.at) / .seconds(1) * aSecond)
    }

    private mutating func place(for key: Key, _ now: ContinuousClock.Instant) -> Key? {
        if buckets[key] != nil || buckets.count < Self.maximumKeys { return key }
        buckets = buckets.filter { filled($0.value, now) < burst }
        return buckets.count < Self.maximumKeys ? key : nil
    }
}
