/// Holds a connection to so many messages a second, over a burst of as many.
struct Pace {
    private let perSecond: Int
    private var left: Double
    private var last = ContinuousClock.now

    init(perSecond: Int) { (self.perSecond, left) = (perSecond, Double(perSecond)) }

    /// Returns at once while there is something left of the second's share.
    mutating func wait() async throws {
        let now = ContinuousClock.now
        left = min(Double(perSecond), left + Self.seconds(now - last) * Double(perSecond))
        last = now
        if left < 1 { try await Task.sleep(for: .seconds((1 - left) / Double(perSecond))) }
        left -= 1
    }

    private static func seconds(_ duration: Duration) -> Double {
        let (seconds, attoseconds) = duration.components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}
