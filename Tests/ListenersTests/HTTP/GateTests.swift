import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import Listeners

/// Requests past the bound are told to come again, in order, and those let in are answered.
@Suite(.timeLimit(.minutes(1))) struct GateTests {
    /// Answers while it is open, and counts who is inside.
    private final class Work: Sendable {
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let isOpen = Atomic<Bool>(false)

        func pass() async throws {
            most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            defer { inside.subtract(1, ordering: .relaxed) }
            while !isOpen.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    /// A server whose `/task` waits, and whose `/health/live` does not.
    private func serving(
        atOnce: Int, _ body: (_ port: Int, _ work: Work, _ limit: AdaptiveLimit) async throws -> Void
    ) async throws {
        let work = Work()
        let router = Router(context: ServerContext.self)
        router.get("task/{name}") { _, context in
            try await work.pass()
            return "done \(context.parameters.get("name") ?? "")"
        }
        router.post("task/{name}") { request, context in
            var request = request
            let body = try await request.collectBody(upTo: 1 << 20)
            return "took \(body.readableBytes)"
        }
        router.get("health/live") { _, _ in "alive" }
        let limit = AdaptiveLimit(most: atOnce, processors: 1)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let application = Application(
            router: router,
            server: .http1(
                configuration: .init(additionalChannelHandlers: [
                    GateHandler(limit: limit, pace: RefusalPace(processors: 1))
                ])),
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: {
                port.yield($0.localAddress?.port ?? 0)
                port.finish()
            }, logger: Logger(label: "test"))
        let group = ServiceGroup(services: [application], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports { try await body(port, work, limit) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Sends text on a connection of its own and reads until so many answers' ends came.
    private func told(_ port: Int, _ text: String, until isEnough: @escaping (String) -> Bool) async throws
        -> String
    {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var all = ""
            for try await part in inbound {
                all += String(buffer: part)
                if isEnough(all) { break }
            }
            return all
        }
    }

    private static func get(_ path: String) -> String { "GET \(path) HTTP/1.1\r\nHost: x\r\n\r\n" }
    private static func isWhole(_ text: String) -> Bool {
        text.contains("done") || text.contains("come again\"}]}") || text.contains("alive")
            || text.contains("took")
    }

    @Test func pastTheBoundOneIsToldToComeAgain() async throws {
        try await serving(atOnce: 3) { port, work, limit in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for name in 0..<20 {
                    group.addTask {
                        try await told(port, Self.get("/task/\(name)"), until: Self.isWhole)
                    }
                }
                // Opened once all that cannot be let in were told so: they wait for nobody.
                var answers: [String] = []
                for try await answer in group {
                    answers.append(answer)
                    if answers.count == 17 { work.isOpen.store(true, ordering: .relaxed) }
                }
                return answers
            }
            #expect(answers.filter { $0.hasPrefix("HTTP/1.1 200") }.count == 3)
            let refused = answers.filter { $0.hasPrefix("HTTP/1.1 503") }
            #expect(refused.count == 17)
            #expect(refused.allSatisfy { $0.lowercased().contains("retry-after: 1\r\n") })
            #expect(work.most.load(ordering: .relaxed) == 3)
            // And as before once it is over.
            #expect(try await told(port, Self.get("/task/x"), until: Self.isWhole).contains("done x"))
            #expect(limit.underWay == 0)
        }
    }

    @Test func answersToRequestsSentAheadComeInOrder() async throws {
        try await serving(atOnce: 1) { port, work, limit in
            let place = try #require(limit.enter())
            work.isOpen.store(true, ordering: .relaxed)
            // The first is turned away; while it waits to be told, the others wait behind it, each for its own turn.
            let sent = Self.get("/task/a") + Self.get("/health/live") + Self.get("/task/b")
            let full = try await told(port, sent) { $0.matches(of: /come again/).count == 2 }
            let places = ["come again", "alive"].compactMap { full.range(of: $0)?.lowerBound }
            #expect(places.count == 2 && places == places.sorted())
            #expect(!full.contains("done a") && !full.contains("done b"))
            limit.leave(place, took: nil)
            let free = try await told(port, sent) { $0.contains("done b") }
            let order = ["done a", "alive", "done b"].compactMap { free.range(of: $0)?.lowerBound }
            #expect(order.count == 3 && order == order.sorted())
        }
    }

    /// What is answered from memory opens no way past the gate for what is sent behind it.
    @Test func behindWhatIsNotGatedTheGateHolds() async throws {
        try await serving(atOnce: 1) { port, work, limit in
            let place = try #require(limit.enter())
            let sent = Self.get("/health/live") + Self.get("/task/a")
            let answer = try await told(port, sent) { $0.contains("come again") || $0.contains("done a") }
            #expect(answer.contains("alive") && answer.contains("come again"))
            limit.leave(place, took: nil)
        }
    }

    /// Whoever drips a small body holds no place; whoever drips large ones, half of them.
    @Test func bodiesThatDripKeepNobodyOut() async throws {
        try await serving(atOnce: 2) { port, work, limit in
            work.isOpen.store(true, ordering: .relaxed)
            var open: [any Channel] = []
            for (length, sent) in [
                (30_000, 10), (30_000, 10), (30_000, 10), (200_000, 60_000), (200_000, 60_000),
            ] {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: port).get()
                let head = "POST /task/p HTTP/1.1\r\nHost: x\r\nContent-Length: \(length)\r\n\r\n"
                try await channel.writeAndFlush(
                    ByteBuffer(string: head + String(repeating: "x", count: sent)))
                open.append(channel)
            }
            try await Self.wait { limit.underWay == 1 }
            for _ in 0..<20 {
                #expect(try await told(port, Self.get("/task/x"), until: Self.isWhole).contains("done x"))
            }
            for channel in open { try await channel.close() }
            try await Self.wait { limit.underWay == 0 }
        }
    }

    @Test func theBodyOfOneTurnedAwayIsPassedOver() async throws {
        try await serving(atOnce: 1) { port, work, limit in
            let place = try #require(limit.enter())
            for count in [1000, 200_000] {
                let body = String(repeating: "x", count: count)
                let post = "POST /task/p HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n\(body)"
                let answer = try await told(port, post + Self.get("/health/live")) { $0.contains("alive") }
                #expect(answer.hasPrefix("HTTP/1.1 503"))
                #expect(!answer.contains("took"))
            }
            limit.leave(place, took: nil)
            for count in [1000, 200_000] {
                let body = String(repeating: "x", count: count)
                let post = "POST /task/p HTTP/1.1\r\nHost: x\r\nContent-Length: \(count)\r\n\r\n\(body)"
                #expect(try await told(port, post, until: Self.isWhole).contains("took \(count)"))
            }
        }
    }

    /// Its work goes on, so its place is taken until that is over; then it is free.
    @Test func whoGoesAwayLeavesRoom() async throws {
        try await serving(atOnce: 2) { port, work, limit in
            for name in 1...2 {
                let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connect(host: "127.0.0.1", port: port).get()
                try await channel.writeAndFlush(ByteBuffer(string: Self.get("/task/\(name)")))
                try await Self.wait { limit.underWay == name }
                try await channel.close()
            }
            #expect(limit.underWay == 2)
            work.isOpen.store(true, ordering: .relaxed)
            try await Self.wait { limit.underWay == 0 }
            #expect(try await told(port, Self.get("/task/x"), until: Self.isWhole).contains("done x"))
        }
    }

    private static func wait(until isSo: () -> Bool) async throws {
        for _ in 0..<2000 {
            if isSo() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it did not come within ten seconds")
    }
}
