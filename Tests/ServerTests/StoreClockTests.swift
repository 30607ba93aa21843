import CareRecord
@_spi(Torture) import EventLog
import Foundation
import Synchronization
import Testing
import Wire

@testable import Server

/// A machine's clock that jumps: nothing is decided by it that is not recorded by it, and somebody can say that it is right.
@Suite struct StoreClockTests {
    /// A wall that a test moves, beside a clock that stands still.
    private final class Wall: Sendable {
        let microseconds: Mutex<Int64>
        init(_ time: String) { microseconds = Mutex(Instant(rfc3339: time)!.microseconds) }
        func jump(days: Int64) { microseconds.withLock { $0 += days * 86_400_000_000 } }
        var options: LogOptions {
            var options = LogOptions()
            options.timeSource = TimeSource(wall: { self.microseconds.withLock { $0 } }, monotonic: { 0 })
            return options
        }
    }

    @Test func aJumpIsHeldBackFromDecisionsToo() throws {
        let directory = NSTemporaryDirectory() + "daybook-clock-\(UUID().uuidString)"
        defer {
            try? FileManager.default.removeItem(atPath: directory)
            try? FileManager.default.removeItem(atPath: directory + ".key")
        }
        try Store.create(at: directory)
        let made = try Store(at: directory)
        let time = try made.head().recordedAt
        made.close()
        let wall = Wall(time.rfc3339)
        let store = try Store(at: directory, options: wall.options)
        wall.jump(days: 400)
        let reading = try store.clockReading()
        #expect(reading.heldBack / 86_400_000_000 == 400 && !reading.isSimulated)
        #expect(reading.believed.microseconds - time.microseconds < 86_400_000_000)
        #expect(try store.clock().microseconds - time.microseconds < 86_400_000_000, "what decisions go by")
        // Told that it is right, it follows; that is recorded, and is what the next start goes by.
        #expect(try store.acceptClock(asker: Asker(systemUser: "root", user: "ops")) == reading.heldBack)
        let after = try store.clockReading()
        #expect(after.heldBack == 0 && after.believed.microseconds >= wall.microseconds.withLock { $0 })
        #expect(try store.head().position == Position(2) && store.head().recordedAt >= after.believed)
        #expect(
            try store.acceptClock(asker: TemporaryStore.asker) == 0 && store.head().position == Position(2))
        store.close()
        let again = try Store(at: directory, options: wall.options)
        #expect(try again.clockReading().heldBack == 0)
        again.close()
    }

    @Test func aSimulatedClockHasNoOtherToAccept() throws {
        let temporary = try TemporaryStore()
        #expect(try temporary.store.clockReading().isSimulated)
        #expect(throws: StoreError.self) { try temporary.store.acceptClock(asker: TemporaryStore.asker) }
    }
}
