import EventLog
import Foundation
import Logging
import Server
import ServiceLifecycle
import Synchronization
import Testing
import Wire

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

    /// Nothing can be answered, since no receipt has room: whoever asks should go elsewhere, and somebody raise the size.
    @Test func aLogWithoutRoomIsNotReady() throws {
        let directory = NSTemporaryDirectory() + "daybook-ready-\(UUID().uuidString)"
        defer {
            try? FileManager.default.removeItem(atPath: directory)
            try? FileManager.default.removeItem(atPath: directory + ".key")
        }
        try Store.create(at: directory, simulatedClock: true, now: Instant(rfc3339: "2018-01-08T08:00:00Z"))
        var options = LogOptions()
        (options.mapBytes, options.zeroAheadBytes) = (1 << 20, 0)
        options.syncsEachCommit = false
        let store = try Store(at: directory, options: options)
        let readiness = Readiness(store: store)
        #expect(readiness.problems().isEmpty)
        // Each look at the trail is a receipt.
        let look = TrailRequest(count: 1, asker: Asker(systemUser: "root"))
        var refusal: (any Error)?
        for _ in 0..<10_000 where refusal == nil {
            do { _ = try store.accesses(look) } catch { refusal = error }
        }
        #expect("\(try #require(refusal))".contains("full"))
        #expect(readiness.problems().count == 1, "\(readiness.problems())")
        #expect(readiness.problems().first?.contains("DAYBOOK_LOG_MAP_BYTES") == true)
        store.close()
        options.mapBytes = 1 << 30
        let again = try Store(at: directory, options: options)
        defer { again.close() }
        _ = try again.accesses(look)
        #expect(Readiness(store: again).problems().isEmpty)
    }

    /// Tells what is said once it is asked to stop itself.
    private struct Probe: Service {
        let readiness: Readiness
        let heard: Heard
        let runs: AsyncStream<Void>.Continuation

        func run() async throws {
            runs.finish()
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
        let (running, runs) = AsyncStream<Void>.makeStream()
        let group = ServiceGroup(
            services: [
                Probe(readiness: readiness, heard: heard, runs: runs), StoppingNotice(readiness: readiness),
            ],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            // One that is stopped before it runs runs nothing.
            for await _ in running {}
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(heard.value.withLock { $0 }.contains { $0.contains("stopping") })
    }
}

private final class Heard: Sendable {
    let value = Mutex<[String]>([])
}
