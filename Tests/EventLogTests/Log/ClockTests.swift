import EventLog
import Glibc
import Synchronization
import Testing
import Wire

@Suite struct ClockTests {
    let scratch = ScratchLog()

    /// A wall and a monotonic clock that a test moves.
    final class Hands: Sendable {
        private let state = Mutex((wall: Int64(1_000_000_000), monotonic: Int64(0)))
        func tick(_ microseconds: Int64) {
            state.withLock {
                $0.wall += microseconds; $0.monotonic += microseconds
            }
        }
        func jump(_ microseconds: Int64) { state.withLock { $0.wall += microseconds } }
        var wall: Int64 { state.withLock { $0.wall } }
        var options: LogOptions {
            var options = ScratchLog.options()
            options.timeSource = TimeSource(
                wall: { self.state.withLock { $0.wall } }, monotonic: { self.state.withLock { $0.monotonic } }
            )
            return options
        }
    }

    func append(_ log: EventLog) throws -> Int64 {
        try log.appendAndWait([Proposal(records: [try Draft.record()])])[0].appended!.recordedAt.microseconds
    }

    @Test func timesFollowTheWallAndNeverRepeatOrRunBack() throws {
        let hands = Hands()
        let log = try scratch.create(simulated: false, options: hands.options)
        #expect(try append(log) == 1_000_000_001)
        hands.tick(500)
        #expect(try append(log) == 1_000_000_500)
        hands.jump(-300)
        #expect(try append(log) == 1_000_000_501)
        hands.tick(10_000)
        #expect(try append(log) == 1_000_010_200)
        log.close()
    }

    @Test func aJumpForwardIsNotFollowedUntilTold() throws {
        let hands = Hands()
        let log = try scratch.create(simulated: false, options: hands.options)
        hands.tick(1000)
        hands.jump(2 * 3_600_000_000)
        #expect(try append(log) == 1_000_001_000)
        #expect(log.clockHeldBackMicroseconds == 2 * 3_600_000_000)
        hands.tick(1000)
        #expect(try append(log) == 1_000_002_000)
        log.acceptClockJump()
        #expect(log.clockHeldBackMicroseconds == 0)
        #expect(try append(log) == hands.wall)
        log.close()
    }

    @Test func whatDecisionsGoByIsWhatIsRecorded() throws {
        let hands = Hands()
        let log = try scratch.create(simulated: false, options: hands.options)
        hands.jump(5 * 3_600_000_000)
        let believed = try log.now.microseconds
        let recorded = try append(log)
        #expect(believed == 1_000_000_000 && believed <= recorded)
        log.acceptClockJump()
        #expect(try log.now.microseconds == hands.wall)
        log.close()
        #expect(throws: LogError.readOnly) { try scratch.open(.readOnly).now }
    }

    /// A machine that slept wakes to a wall that is ahead, and so is the clock that only goes forward.
    @Test func sleepIsNoJump() {
        var (boot, monotonic) = (timespec(), timespec())
        let read = TimeSource.system.monotonic()
        clock_gettime(CLOCK_BOOTTIME, &boot)
        clock_gettime(CLOCK_MONOTONIC, &monotonic)
        let now = Int64(boot.tv_sec) * 1_000_000 + Int64(boot.tv_nsec) / 1000
        #expect(now - read < 10_000_000 && now >= read && boot.tv_sec >= monotonic.tv_sec)
    }

    @Test func aYearsGapAtOpenIsNotFollowedUntilTold() throws {
        let hands = Hands()
        try scratch.create(simulated: false, options: hands.options).close()
        hands.tick(367 * 86_400_000_000)
        let log = try scratch.open(options: hands.options)
        hands.tick(10)
        #expect(try append(log) == 1_000_000_010)
        log.acceptClockJump()
        #expect(try append(log) == hands.wall)
        log.close()
    }

    @Test func aSimulatedClockStandsAfterTheNewestUnlessItIsSet() throws {
        let log = try scratch.open()
        try log.simulate(now: Instant(microseconds: 100))
        _ = try log.appendAndWait([try Draft.creation(simulated: true)])
        try log.simulate(now: nil)
        #expect(try append(log) == 101)
        try log.simulate(now: Instant(microseconds: 5000))
        #expect(try append(log) == 5000)
        #expect(
            throws: LogError.clockBehind(
                newest: Instant(microseconds: 5000), given: Instant(microseconds: 4999))
        ) {
            try log.simulate(now: Instant(microseconds: 4999))
        }
        log.close()
        let again = try scratch.open()
        #expect(try append(again) == 5001)
        #expect(try again.isSimulated)
        again.close()
    }

    @Test func aRealClockTakesNoOtherTime() throws {
        let log = try scratch.create(simulated: false)
        #expect(throws: LogError.notSimulated) { try log.simulate(now: Instant(microseconds: .max - 1)) }
        log.close()
    }
}
