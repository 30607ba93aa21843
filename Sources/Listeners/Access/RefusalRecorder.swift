import Metrics
import Server
import Synchronization

/// Makes refusals durable before they are told. Whoever has no good token can make as many as they like, so past a rate they are
/// answered with 429 and counted, and the next one recorded says how many there were.
final class RefusalRecorder: Sendable {
    /// Refusals recorded at once, and for each second after that.
    static let burst = 100.0
    static let aSecond = 20.0

    private struct State {
        var left = burst
        var at = ContinuousClock.now
        var unrecorded = 0
    }

    private let calls: StoreCalls
    private let state = Mutex(State())

    init(_ calls: StoreCalls) { self.calls = calls }

    /// - Throws: what says that it is too many, or that it could not be recorded.
    func record(_ refusal: CallerRefusal, _ call: CallDetails) async throws {
        Counter(label: "daybook_http_refusals", dimensions: [("reason", refusal.reason)]).increment()
        let unrecorded: Int? = state.withLock { state in
            let now = ContinuousClock.now
            state.left = min(Self.burst, state.left + (now - state.at) / .seconds(1) * Self.aSecond)
            state.at = now
            guard state.left >= 1 else {
                state.unrecorded += 1
                return nil
            }
            state.left -= 1
            defer { state.unrecorded = 0 }
            return state.unrecorded
        }
        guard let unrecorded else {
            Counter(label: "daybook_http_refusals_unrecorded").increment()
            throw FHIRError(
                .tooManyRequests, "throttled", "ACCESS_DENIED", "too many requests without a good token")
        }
        try await calls.run { try $0.recordRefusal(refusal, call: call, unrecorded: unrecorded) }
    }
}
