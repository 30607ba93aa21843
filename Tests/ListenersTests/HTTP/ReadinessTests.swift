import EventLog
import Foundation
import Logging
import Server
import ServiceLifecycle
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

    /// Tells what is said once it is asked to stop itself.
    private struct Probe: Service {
        let readiness: Readiness
        let heard: Heard

        func run() async throws {
            try await gracefulShutdown()
            // Those that are told before it have ended.
            heard.value.withLock { $0 = readiness.problems() }
        }
    }

    @Test func aServerThatStopsSaysSoBeforeAnythingOfItEnds() async throws {
        let served = try ServedStore()
        let readiness = Readiness(store: served.store)
        #expect(readiness.problems().isEmpty)
        let heard = Heard()
        let group = ServiceGroup(
            services: [Probe(readiness: readiness, heard: heard), StoppingNotice(readiness: readiness)],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await Task.sleep(for: .milliseconds(100))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(heard.value.withLock { $0 }.contains { $0.contains("stopping") })
    }
}

private final class Heard: Sendable {
    let value = Mutex<[String]>([])
}
