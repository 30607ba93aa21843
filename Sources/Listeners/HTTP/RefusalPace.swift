import NIOCore
import Synchronization

/// When who is turned away is told so: after a pause, and one after the other, so that refusals cost a small part of the processors
/// however many come. Until it is told, nothing more of a connection is read: whoever asks at once again is held up by that.
final class RefusalPace: Sendable {
    /// At least, and at most: `Retry-After` asks for as long.
    static let pause = TimeAmount.milliseconds(100)
    static let longestPause = TimeAmount.seconds(1)
    /// Refusals a second for each processor. One takes some 25 microseconds: together a tenth of it.
    static let aSecond = 4000

    private let step: Int64
    /// Nanoseconds, as deadlines count.
    private let last = Mutex<Int64>(0)

    init(processors: Int) { step = 1_000_000_000 / Int64(Self.aSecond * max(1, processors)) }

    /// When the next one is told.
    func next(now: NIODeadline) -> NIODeadline {
        let now = Int64(now.uptimeNanoseconds)
        return last.withLock { last in
            let told = min(
                max(last + step, now + Self.pause.nanoseconds), now + Self.longestPause.nanoseconds)
            last = max(last, told)
            return .uptimeNanoseconds(UInt64(told))
        }
    }
}
