import NIOCore
import Testing

@testable import Listeners

/// The limit follows what answers take.
@Suite struct AdaptiveLimitTests {
    private let start = NIODeadline.now()

    /// A tenth of a second in which as many ask as can, and more are turned away where `isFull`.
    private func window(_ limit: AdaptiveLimit, _ number: Int64, took: TimeAmount, isFull: Bool) {
        var inside = 0
        while inside < (isFull ? 1000 : 1), limit.enter() { inside += 1 }
        for _ in 0..<inside { limit.leave(took: took, now: start + .milliseconds(110 * number)) }
    }

    @Test func aFloodThatIsAnsweredLateLowersItAndCalmRaisesIt() {
        let limit = AdaptiveLimit(most: 128, processors: 2)
        #expect(limit.limit == 128)
        for number in 1...40 { window(limit, Int64(number), took: .milliseconds(40), isFull: true) }
        #expect(limit.limit == 8)
        for number in 41...80 { window(limit, Int64(number), took: .milliseconds(1), isFull: false) }
        #expect(limit.limit == 128)
        #expect(limit.underWay == 0)
    }

    @Test func aFloodThatIsAnsweredSoonLeavesIt() {
        let limit = AdaptiveLimit(most: 128, processors: 2)
        for number in 1...40 { window(limit, Int64(number), took: .milliseconds(2), isFull: true) }
        #expect(limit.limit == 128)
    }

    @Test func aSlowDiskIsNoFlood() {
        let limit = AdaptiveLimit(most: 128, processors: 2)
        for number in 1...5 { window(limit, Int64(number), took: .milliseconds(20), isFull: false) }
        for number in 6...40 { window(limit, Int64(number), took: .milliseconds(60), isFull: true) }
        #expect(limit.limit == 128)
    }

    @Test func itIsNeverMoreThanItsMost() {
        let limit = AdaptiveLimit(most: 3, processors: 2)
        #expect((0..<10).map { _ in limit.enter() }.filter { $0 }.count == 3)
        limit.leave(took: nil)
        #expect(limit.enter())
        #expect(!limit.enter())
    }
}
