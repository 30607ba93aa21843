import Wire

/// The log's own clock: what `recordedAt` is made of.
///
/// It follows the wall, never runs backwards, and does not follow a jump forward past a bound until it is told to:
/// one wrong hour in the log would be there for good, and everything after it would have to be later still.
struct LogClock: Sendable {
    /// How far the wall may run ahead of the monotonic clock between two readings.
    static let jumpMicroseconds: Int64 = 3_600_000_000
    /// How far past the newest record the wall may stand at open.
    static let gapMicroseconds: Int64 = 366 * 86_400_000_000

    private let source: TimeSource
    private var goodWall: Int64
    private var goodMonotonic: Int64
    /// Set while the log is simulated: the time callers gave, if any.
    var simulated: Instant?
    var isSimulated: Bool

    init(source: TimeSource, newest: Instant?, isSimulated: Bool) {
        self.source = source
        self.isSimulated = isSimulated
        let wall = source.wall()
        goodMonotonic = source.monotonic()
        // Past the bound, the newest record is the last good reading there is.
        goodWall =
            newest.map { wall - $0.microseconds > Self.gapMicroseconds ? $0.microseconds : wall } ?? wall
    }

    /// The wall as far as it is believed.
    mutating func reading() -> Int64 {
        let (wall, monotonic) = (source.wall(), source.monotonic())
        let expected = goodWall + (monotonic - goodMonotonic)
        if wall - expected > Self.jumpMicroseconds { return expected }
        (goodWall, goodMonotonic) = (wall, monotonic)
        return wall
    }

    /// The time of the next transaction, later than the newest.
    ///
    /// - Parameter ahead: microseconds past the reading; a simulated clock does not go on meanwhile.
    mutating func next(after newest: Instant?, ahead: Int64 = 0) -> Instant {
        let floor = newest.map { $0.microseconds + 1 } ?? .min
        if isSimulated {
            return Instant(
                microseconds: max(floor, simulated?.microseconds ?? (newest == nil ? source.wall() : floor)))
        }
        return Instant(microseconds: max(floor, reading() + ahead))
    }

    /// How far the wall stands ahead of what is believed, in microseconds; zero while it is followed.
    var heldBack: Int64 {
        if isSimulated { return 0 }
        let ahead = source.wall() - (goodWall + (source.monotonic() - goodMonotonic))
        return ahead > Self.jumpMicroseconds ? ahead : 0
    }

    /// Follows the wall again, wherever it stands.
    mutating func acceptJump() {
        (goodWall, goodMonotonic) = (source.wall(), source.monotonic())
    }
}
