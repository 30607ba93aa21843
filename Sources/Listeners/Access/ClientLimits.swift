import HTTPTypes
import Hummingbird
import Metrics
import Synchronization

/// Holds each client to a rate, and to a part of what is answered at once, so that none keeps the others out.
final class ClientLimits: Sendable {
    private struct State {
        var rates: Buckets<String>
        var underWay: [String: Int] = [:]
    }

    private let atOnce: Int
    private let state: Mutex<State>

    private let now: @Sendable () -> ContinuousClock.Instant

    init(_ limits: HTTPLimits, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        self.now = now
        atOnce = limits.atOnceByClient
        let aSecond = Double(limits.requestsASecond)
        state = Mutex(State(rates: Buckets(burst: 2 * aSecond, aSecond: aSecond)))
    }

    /// Lets one more request of the client in, until `leave`.
    ///
    /// - Throws: 429, with when to come again. No receipt: nothing was decided, and a flood must not fill the log.
    func enter(_ client: String) throws(FHIRError) {
        let now = now()
        let wait: Duration? = state.withLock { state in
            guard state.underWay[client] ?? 0 < atOnce else { return .seconds(1) }
            if let wait = state.rates.take(client, now: now) { return wait }
            state.underWay[client, default: 0] += 1
            return nil
        }
        guard let wait else { return }
        Counter(label: "daybook_http_clients_held_back").increment()
        throw FHIRError(
            .tooManyRequests, "throttled", "ACCESS_DENIED", "this client asks for more than its share",
            headers: [.retryAfter: String(max(1, wait.components.seconds + 1))])
    }

    func leave(_ client: String) {
        state.withLock { state in
            let left = (state.underWay[client] ?? 1) - 1
            state.underWay[client] = left > 0 ? left : nil
        }
    }
}
