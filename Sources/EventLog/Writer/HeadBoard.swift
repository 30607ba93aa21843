import Synchronization
import Wire

/// The published head, and those who wait for it to move.
final class HeadBoard: Sendable {
    private struct State {
        var head: LogHead
        var stopped: LogError?
        var full: LogError?
        var waiters = 0
        var followers: [UInt64: AsyncStream<LogHead>.Continuation] = [:]
        var nextFollower: UInt64 = 0
    }

    private let state: Monitor<State>

    init(_ head: LogHead) { state = Monitor(State(head: head)) }

    var head: LogHead { state.withLock { $0.head } }
    /// What stopped the writer, if anything did.
    var stopped: LogError? { state.withLock { $0.stopped } }
    /// That the last group found no room, if it did: what is published since had some.
    var full: LogError? { state.withLock { $0.full } }

    func noteFull(_ reason: LogError) { state.withLock { $0.full = reason } }

    func publish(_ head: LogHead) {
        let (wake, followers) = state.withLock { state in
            if head.position < state.head.position { return (false, [AsyncStream<LogHead>.Continuation]()) }
            (state.head, state.full) = (head, nil)
            return (state.waiters > 0, Array(state.followers.values))
        }
        if wake { state.broadcast() }
        for follower in followers { follower.yield(head) }
    }

    /// Nothing will be published any more.
    func stop(_ reason: LogError) {
        let followers = state.withLock { state in
            if state.stopped == nil { state.stopped = reason }
            defer { state.followers = [:] }
            return Array(state.followers.values)
        }
        state.broadcast()
        for follower in followers { follower.finish() }
    }

    /// Blocks until the head is past a position, the writer has stopped, or the time is up.
    func wait(past position: Position, timeoutMicroseconds: Int?) -> LogHead {
        state.withLock { $0.waiters += 1 }
        defer { state.withLock { $0.waiters -= 1 } }
        let moved: LogHead? = state.wait(timeoutMicroseconds: timeoutMicroseconds) { state in
            state.head.position > position || state.stopped != nil ? state.head : nil
        }
        return moved ?? head
    }

    /// Heads as they come, the newest only where the reader is slower.
    func follow(after position: Position) -> AsyncStream<LogHead> {
        AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
            let id = state.withLock { state -> UInt64? in
                if state.head.position > position { continuation.yield(state.head) }
                if state.stopped != nil { return nil }
                state.nextFollower += 1
                state.followers[state.nextFollower] = continuation
                return state.nextFollower
            }
            guard let id else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.followers.removeValue(forKey: id) }
            }
        }
    }
}
