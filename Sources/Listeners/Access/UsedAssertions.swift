import Foundation
import Server
import Synchronization
import Wire

/// Assertions that got a token and could still be good: none gets another. Filled from the log when first asked, so that a restart
/// forgets none.
final class UsedAssertions: Sendable {
    /// Remembered at once, at most; past it no more tokens are given for a while. So those that could still be good when a server
    /// starts are among the last so many of the log.
    static let maximum = 100_000
    /// Seconds that an assertion can be good for, with all leeway. Each is remembered for as long, whatever it says itself: else more
    /// than `maximum` could be given while one is good.
    static let seconds = ClientAssertion.maximumLife + 2 * TokenVerifier.leeway

    private struct State {
        var until: [Digest: Date] = [:]
        /// What was used before this server started, and until when that matters.
        var before: Set<Digest> = []
        var beforeUntil: Date?
    }

    private let state = Mutex(State())

    /// Takes what the log knows. Waits for the disk; once.
    func fill(from store: Store, now: Date) throws(StoreError) {
        if state.withLock({ $0.beforeUntil != nil }) { return }
        let found = try store.recentAssertions(limit: Self.maximum)
        state.withLock { state in
            guard state.beforeUntil == nil else { return }
            state.before = Set(found)
            state.beforeUntil = now.addingTimeInterval(Self.seconds)
        }
    }

    enum Answer { case taken, used, full }

    /// Takes one for good: the first who asks gets it.
    func take(_ digest: Digest, now: Date) -> Answer {
        state.withLock { state in
            if let end = state.beforeUntil, now >= end { state.before = [] }
            if state.before.contains(digest) { return .used }
            if let before = state.until[digest], before > now { return .used }
            if state.until.count >= Self.maximum {
                state.until = state.until.filter { $0.value > now }
                if state.until.count >= Self.maximum { return .full }
            }
            state.until[digest] = now.addingTimeInterval(Self.seconds)
            return .taken
        }
    }
}
