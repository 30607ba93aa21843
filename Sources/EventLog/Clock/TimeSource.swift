import Glibc
import Wire

/// Where the log's clock reads: the wall, which people and NTP set, and a clock that only goes forward.
public struct TimeSource: Sendable {
    /// Microseconds since 1970, UTC.
    public var wall: @Sendable () -> Int64
    /// Microseconds since some moment; never set. It goes on while the machine sleeps: an hour slept is no jump.
    public var monotonic: @Sendable () -> Int64

    public init(wall: @escaping @Sendable () -> Int64, monotonic: @escaping @Sendable () -> Int64) {
        (self.wall, self.monotonic) = (wall, monotonic)
    }

    public static let system = TimeSource(
        wall: { read(CLOCK_REALTIME) }, monotonic: { read(CLOCK_BOOTTIME) })

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
