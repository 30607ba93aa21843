import Server
import Synchronization

/// How many answers of the feed are under way.
final class FeedStreams: Sendable {
    private let limits: FeedLimits
    private let underWay = Mutex<[String: Int]>([:])

    init(_ limits: FeedLimits) { self.limits = limits }

    /// A place among them, for as long as it is kept.
    final class Place: Sendable {
        private let streams: FeedStreams
        private let whose: String

        fileprivate init(_ streams: FeedStreams, _ whose: String) {
            (self.streams, self.whose) = (streams, whose)
        }

        deinit { streams.leave(whose) }
    }

    /// - Throws: `FHIRError`: 429 where this client has too many, 503 where there are too many.
    func place(of caller: Caller) throws -> Place {
        let whose = "\(caller.call.client ?? "")\u{0}\(caller.viewer?.user ?? "")"
        try underWay.withLock { underWay in
            guard underWay[whose, default: 0] < limits.streamsOfOne else {
                throw FHIRError(
                    .tooManyRequests, "throttled", "ACCESS_DENIED",
                    "this client follows the feed \(limits.streamsOfOne) times already")
            }
            guard underWay.values.reduce(0, +) < limits.streams else {
                throw FHIRError(
                    .serviceUnavailable, "throttled", "INTERNAL_SERVER_ERROR", "too many follow the feed now")
            }
            underWay[whose, default: 0] += 1
        }
        return Place(self, whose)
    }

    private func leave(_ whose: String) {
        underWay.withLock { underWay in
            let left = underWay[whose, default: 1] - 1
            underWay[whose] = left == 0 ? nil : left
        }
    }
}
