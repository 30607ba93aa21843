import EventLog
import Foundation
import Server
import Synchronization
import Testing

@testable import Listeners

/// What `/health/ready` says of a clock that is held back: served all the same, and somebody should look.
@Suite struct ReadinessTests {
    private final class Wall: Sendable {
        let ahead = Mutex<Int64>(0)
        var options: LogOptions {
            var options = LogOptions()
            let system = TimeSource.system
            options.timeSource = TimeSource(
                wall: { system.wall() + self.ahead.withLock { $0 } }, monotonic: system.monotonic)
            return options
        }
    }

    @Test func aClockThatIsHeldBackIsANoteAndNoProblem() throws {
        let directory = NSTemporaryDirectory() + "daybook-ready-\(UUID().uuidString)"
        defer {
            try? FileManager.default.removeItem(atPath: directory)
            try? FileManager.default.removeItem(atPath: directory + ".key")
        }
        try Store.create(at: directory)
        let wall = Wall()
        let store = try Store(at: directory, options: wall.options)
        defer { store.close() }
        let readiness = Readiness(store: store)
        #expect(readiness.problems().isEmpty && readiness.notes().isEmpty)
        wall.ahead.withLock { $0 = 2 * 3_600_000_000 }
        #expect(readiness.problems().isEmpty)
        #expect(try #require(readiness.notes().first).contains("daybook log clock"))
        try store.acceptClock(asker: Asker(systemUser: "root"))
        #expect(readiness.notes().isEmpty)
    }
}
