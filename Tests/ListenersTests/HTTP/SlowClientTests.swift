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

    private func serving(
        _ change: (inout HTTPLimits) -> Void,
        _ body: @escaping @Sendable (Int, ServedStore) async throws -> Void
    ) async throws {
        let served = try ServedStore()
        var application = try served.application()
        application.settings.http.port = 0
        change(&application.settings.httpLimits)
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
            for await port in ports { try await body(port, served) }
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

    private static let post =
        "POST /token HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        + "Content-Length: 30000\r\n\r\n"
    /// What each kind of slow client begins with, and whether it goes on a byte at a time.
    private static let kinds = [
        ("", false), ("GET /fhir/Patient/x HTTP/1.1\r\nHost: x\r\nX: ", true), (post, true), (post, false),
    ]

    /// Sends a text, then drips a byte at a time until the server ends the connection.
    private func borne(_ port: Int, _ first: String, dripping: Bool) async throws {
        do { try await dripped(port, first, dripping: dripping) } catch ChannelError.ioOnClosedChannel {
            // On a busy machine it may be over before the first byte is out, or just before this side closes it.
        }
    }

    private func dripped(_ port: Int, _ first: String, dripping: Bool) async throws {
        try await connected(port).executeThenClose { inbound, outbound in
            if !first.isEmpty { try await outbound.write(ByteBuffer(string: first)) }
            await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { for try await _ in inbound {} }
                if dripping {
                    tasks.addTask {
                        while true {
                            try await Task.sleep(for: .milliseconds(100))
                            try await outbound.write(ByteBuffer(string: "a"))
                        }
                    }
                }
                // Whichever notices first that the connection is over.
                do { try await tasks.next() } catch {}
                tasks.cancelAll()
            }
        }
    }

    /// However long that takes on a busy machine: that they end at all is what is shown here, and when, by ConnectionPaceTests.
    @Test(.timeLimit(.minutes(5)))
    func slowClientsLoseTheirConnections() async throws {
        try await serving {
            ($0.idleSeconds, $0.transferSeconds) = (1, 1)
        } _: { port, _ in
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (first, dripping) in Self.kinds {
                    for _ in 0..<10 {
                        tasks.addTask { try await borne(port, first, dripping: dripping) }
                    }
                }
                try await tasks.waitForAll()
            }
        }
    }

    /// More of each kind than there are places, and none is ended while this lasts: a read, which needs a place, is answered.
    @Test(.timeLimit(.minutes(5)))
    func slowClientsKeepNobodyFromBeingAnswered() async throws {
        try await serving {
            ($0.idleSeconds, $0.transferSeconds, $0.requestSeconds, $0.atOnce) = (3600, 3600, 3600, 8)
        } _: { port, served in
            var slow: [any Channel] = []
            for (first, _) in Self.kinds {
                for _ in 0..<20 {
                    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                        .connect(host: "127.0.0.1", port: port).get()
                    if !first.isEmpty { try await channel.writeAndFlush(ByteBuffer(string: first + "a")) }
                    slow.append(channel)
                }
            }
            let ask =
                "GET /fhir/Observation/ZZH01.o-k HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                + "Authorization: Bearer \(try served.token())\r\n\r\n"
            for _ in 0..<10 {
                let answer = try await connected(port).executeThenClose { inbound, outbound in
                    try await outbound.write(ByteBuffer(string: ask))
                    var all = ""
                    for try await part in inbound { all += String(buffer: part) }
                    return all
                }
                #expect(answer.hasPrefix("HTTP/1.1 200"), "\(answer)")
            }
            #expect(slow.allSatisfy { $0.isActive })
            for channel in slow { try await channel.close() }
        }
    }
}
