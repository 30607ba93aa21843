import Metrics
import Server
import Synchronization

/// Makes refusals durable before they are told.
///
/// One that is told to somebody whose token or assertion was found good is always recorded: it says who tried what, and nobody else can
/// make it. Whoever proves nothing can make as many as they like, so past a rate of their address they are answered with 429 and counted,
/// and the next such refusal that is recorded says how many there were.
final class RefusalRecorder: Sendable {
    /// Refusals of one address recorded at once, and for each second after that.
    static let burst = 100.0
    static let aSecond = 20.0
    /// Of all addresses together.
    static let burstOfAll = 1000.0
    static let aSecondOfAll = 100.0

    private struct State {
        var peers = Buckets<String>(burst: burst, aSecond: aSecond)
        var all = Buckets<Int>(burst: burstOfAll, aSecond: aSecondOfAll)
        var unrecorded = 0
    }

    private let calls: StoreCalls
    private let state = Mutex(State())

    private let now: @Sendable () -> ContinuousClock.Instant

    init(_ calls: StoreCalls, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        (self.calls, self.now) = (calls, now)
    }

    /// - Parameter peer: the address that it came from.
    /// - Throws: what says that it is too many, or that it could not be recorded.
    func record(_ refusal: CallerRefusal, _ call: CallDetails, from peer: String) async throws {
        Counter(label: "daybook_http_refusals", dimensions: [("reason", refusal.reason)]).increment()
        if refusal.claims != nil {
            return try await calls.run { try $0.recordRefusal(refusal, call: call) }
        }
        let now = now()
        let unrecorded: Int? = state.withLock { state in
            guard state.peers.take(peer, now: now) == nil, state.all.take(0, now: now) == nil else {
                state.unrecorded += 1
                return nil
            }
            defer { state.unrecorded = 0 }
            return state.unrecorded
        }
        guard let unrecorded else {
            Counter(label: "daybook_http_refusals_unrecorded").increment()
            throw FHIRError(
                .tooManyRequests, "throttled", "ACCESS_DENIED", "too many requests without a good token")
        }
        do {
            try await calls.run { try $0.recordRefusal(refusal, call: call, unrecorded: unrecorded) }
        } catch {
            // Nothing says it yet: the next one does.
            state.withLock { $0.unrecorded += unrecorded }
            throw error
        }
    }
}
