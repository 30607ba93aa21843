import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif
import HTTPTypes
import Logging
import NIOCore
import NIOPosix
import Server
import ServiceLifecycle
import Testing

@testable import Listeners

/// Slow and silent clients at a real socket: each loses its own connection, and nobody else an answer.
@Suite struct SlowClientTests {
    private typealias Raw = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private func serving(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let served = try ServedStore()
        var application = try served.application()
        application.settings.http.port = 0
        (application.settings.httpLimits.idleSeconds, application.settings.httpLimits.transferSeconds) = (
            1, 1
        )
        let (ports, port) = AsyncStream<Int>.makeStream()
        application.onListening = {
            port.yield($0)
            port.finish()
        }
        let group = ServiceGroup(
            services: [try application.service()],
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports { try await body(port) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func connected(_ port: Int) async throws -> Raw {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Raw(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// Sends a text, then drips a byte at a time; gives back how long the server bore it, in seconds.
    private func borne(_ port: Int, _ first: String, dripping: Bool) async throws -> Double {
        let start = ContinuousClock.now
        try await connected(port).executeThenClose { inbound, outbound in
            if !first.isEmpty { try await outbound.write(ByteBuffer(string: first)) }
            await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { for try await _ in inbound {} }
                tasks.addTask {
                    while dripping {
                        try await Task.sleep(for: .milliseconds(100))
                        try await outbound.write(ByteBuffer(string: "a"))
                    }
                    try await Task.sleep(for: .seconds(60))
                }
                // Whichever notices first that the connection is over.
                do { try await tasks.next() } catch {}
                tasks.cancelAll()
            }
        }
        return (ContinuousClock.now - start) / .seconds(1)
    }

    @Test(.timeLimit(.minutes(2)))
    func slowClientsLoseTheirConnectionsAndOthersAreAnswered() async throws {
        try await serving { port in
            let post =
                "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (first, dripping) in [
                    ("", false), ("GET /health/live HTTP/1.1\r\nHost: x\r\nX: ", true),
                    (post + "Content-Length: 30000\r\n\r\n", true),
                    ("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n", false),
                ] {
                    for _ in 0..<20 {
                        tasks.addTask {
                            let seconds = try await borne(port, first, dripping: dripping)
                            #expect(seconds < 20, "\(first.prefix(20)) \(dripping): \(seconds) s")
                        }
                    }
                }
                tasks.addTask {
                    for _ in 0..<10 {
                        let (_, response) = try await URLSession.shared.data(
                            from: URL(string: "http://127.0.0.1:\(port)/health/live")!)
                        #expect((response as? HTTPURLResponse)?.statusCode == 200)
                        try await Task.sleep(for: .milliseconds(200))
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }
}
