import Foundation
import Server
import Synchronization
import Wire

/// Assertions that got a token and could still be good: none gets another. Filled from the log when first asked, so that a restart
/// forgets none.
final class UsedAssertions: Sendable {
    /// Remembered at once, at most; past it no more tokens are given for a while.
    static let maximum = 100_000
    /// Records of the log that are looked at, at most.
    static let maximumRecords = 200_000
    /// Seconds that an assertion can be good for, with all leeway.
    static let seconds = ClientAssertion.maximumLife + 2 * TokenVerifier.leeway

    private struct State {
        var until: [Digest: Date] = [:]
        var isFilled = false
    }

    private let state = Mutex(State())

    /// Takes what the log knows. Waits for the disk; once.
    func fill(from store: Store, now: Date) throws(StoreError) {
        if state.withLock({ $0.isFilled }) { return }
        let since = Instant(
            microseconds: Int64((now.timeIntervalSince1970 - Self.seconds) * 1_000_000))
        let found = try store.recentAssertions(since: since, limit: Self.maximumRecords)
        state.withLock { state in
            for digest in found { state.until[digest] = now.addingTimeInterval(Self.seconds) }
            state.isFilled = true
        }
    }

    enum Answer { case taken, used, full }

    /// Takes one for good: the first who asks gets it.
    func take(_ digest: Digest, until end: Date, now: Date) -> Answer {
        state.withLock { state in
            if let before = state.until[digest], before > now { return .used }
            if state.until.count >= Self.maximum {
                state.until = state.until.filter { $0.value > now }
                if state.until.count >= Self.maximum { return .full }
            }
            state.until[digest] = end
            return .taken
        }
    }
}
