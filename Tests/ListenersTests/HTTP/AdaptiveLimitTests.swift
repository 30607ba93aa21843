import NIOCore
import Testing

@testable import Listeners

/// The limit follows what answers take.
@Suite struct AdaptiveLimitTests {
    private let start = NIODeadline.now()

    /// A tenth of a second in which as many ask as can, and more are turned away where `isFull`.
    private func window(
        _ limit: AdaptiveLimit, _ number: Int64, took: TimeAmount, beat: TimeAmount = .zero, isFull: Bool
    ) {
        var inside: [AdaptiveLimit.Place] = []
        while inside.count < (isFull ? 1000 : 1), let place = limit.enter() { inside.append(place) }
        for place in inside {
            limit.leave(place, took: took, beat: beat, now: start + .milliseconds(110 * number))
        }
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
        let inside = (0..<10).compactMap { _ in limit.enter() }
        #expect(inside.count == 3)
        limit.leave(inside[0], took: nil)
        #expect(limit.enter() != nil)
        #expect(limit.enter() == nil)
    }

    /// An answer that waits for its beat on purpose is not late.
    @Test func aBeatIsNoLateness() {
        let limit = AdaptiveLimit(most: 128, processors: 2)
        for number in 1...40 {
            window(limit, Int64(number), took: .milliseconds(22), beat: .milliseconds(20), isFull: true)
        }
        #expect(limit.limit == 128)
    }

    /// Bodies that come while they have a place leave half of them to others.
    @Test func largeBodiesHaveHalfOfThePlaces() {
        let limit = AdaptiveLimit(most: 8, processors: 2)
        let large = (0..<8).compactMap { _ in limit.enter(isLarge: true) }
        #expect(large.count == 4)
        #expect((0..<8).compactMap { _ in limit.enter() }.count == 4)
        limit.leave(large[0], took: nil)
        #expect(limit.enter(isLarge: true) != nil && limit.underWay == 8)
    }
}
