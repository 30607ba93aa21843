import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import Listeners

/// A real socket, with a door that answers what it was told.
@Suite struct ListenerTests {
    /// Answers each message with its own text; a message of digits takes so many milliseconds.
    struct Echo: MessageDoor {
        let taken = Counted()
        /// Runs before a message is taken.
        var before: @Sendable () async -> Void = {}

        final class Counted: Sendable {
            let count = Atomic<Int>(0)
        }

        func take(_ message: [UInt8], from peer: MLLPPeer) async -> [UInt8]? {
            await before()
            let text = String(decoding: message, as: UTF8.self)
            if let milliseconds = Int(text) { try? await Task.sleep(for: .milliseconds(milliseconds)) }
            taken.count.add(1, ordering: .relaxed)
            return Array("took \(text)".utf8)
        }
    }

    /// Runs a listener for the length of the body.
    private func listening(
        _ limits: MLLPLimits = MLLPLimits(), door: Echo = Echo(),
        _ body: (_ port: Int, _ group: ServiceGroup) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        var listener = MLLPListener(
            endpoint: .init(host: "127.0.0.1", port: 0), limits: limits, tls: nil, door: door,
            logger: Logger(label: "test"))
        listener.onListening = {
            port.yield($0)
            port.finish()
        }
        let group = ServiceGroup(services: [listener], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports { try await body(port, group) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func connected(
        _ port: Int
    ) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(MLLPFrameHandler(limits: MLLPLimits()))
                    return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }

    private func framed(_ messages: [String]) -> ByteBuffer {
        var buffer = ByteBuffer()
        for message in messages { MLLPFrameDecoder.framed(Array(message.utf8), into: &buffer) }
        return buffer
    }

    @Test func answersComeInOrderWhateverEachTakes() async throws {
        try await listening { port, _ in
            let messages = ["60", "a", "20", "b", "c"]
            try await connected(port).executeThenClose { inbound, outbound in
                try await outbound.write(framed(messages))
                var answers: [String] = []
                for try await answer in inbound {
                    answers.append(String(buffer: answer))
                    if answers.count == messages.count { break }
                }
                #expect(answers == messages.map { "took \($0)" })
            }
        }
    }

    @Test func aStopAnswersWhatWasTaken() async throws {
        let (begins, began) = AsyncStream<Void>.makeStream()
        let (ends, end) = AsyncStream<Void>.makeStream()
        let door = Echo(before: {
            began.finish()
            for await _ in ends {}
        })
        try await listening(door: door) { port, group in
            try await connected(port).executeThenClose { inbound, outbound in
                try await outbound.write(framed(["a"]))
                for await _ in begins {}
                await group.triggerGracefulShutdown()
                end.finish()
                var answers: [String] = []
                for try await answer in inbound { answers.append(String(buffer: answer)) }
                #expect(answers == ["took a"])
            }
        }
    }

    @Test(.timeLimit(.minutes(5))) func aSlowFrameAndAnIdlePeerCostTheirConnectionOnly() async throws {
        var limits = MLLPLimits()
        (limits.frameSeconds, limits.idleSeconds) = (1, 2)
        try await listening(limits) { port, _ in
            // Each by itself: under load one that waits for another would be idle too long.
            try await withThrowingTaskGroup(of: Void.self) { peers in
                peers.addTask {
                    try await connected(port).executeThenClose { inbound, outbound in
                        try await outbound.write(ByteBuffer(bytes: [MLLPFrameDecoder.start, 65]))
                        for try await _ in inbound {}
                    }
                }
                peers.addTask {
                    try await connected(port).executeThenClose { inbound, _ in for try await _ in inbound {} }
                }
                try await peers.waitForAll()
            }
            // Where this peer itself is held up for too long it comes again.
            var answer: String?
            while answer == nil {
                answer = try? await connected(port).executeThenClose { inbound, outbound in
                    try await outbound.write(framed(["still here"]))
                    var iterator = inbound.makeAsyncIterator()
                    return try await iterator.next().map { String(buffer: $0) }
                }
            }
            #expect(answer == "took still here")
        }
    }

    /// Some of them are accepted and not yet served when it ends.
    @Test(arguments: 0..<8) func aStopWhilePeersConnectEnds(round: Int) async throws {
        try await listening { port, group in
            await withTaskGroup(of: Void.self) { peers in
                for peer in 0..<60 {
                    peers.addTask {
                        let channel = try? await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                            .connect(host: "127.0.0.1", port: port).get()
                        if peer == 30 { await group.triggerGracefulShutdown() }
                        try? await channel?.close()
                    }
                }
            }
        }
    }

    /// Past its rate a connection waits; another does not.
    @Test func aConnectionIsHeldToItsRate() async throws {
        var limits = MLLPLimits()
        limits.messagesASecond = 10
        try await listening(limits) { port, _ in
            let messages = (0..<21).map { "m\($0)" }
            let begun = ContinuousClock.now
            try await connected(port).executeThenClose { inbound, outbound in
                try await outbound.write(framed(messages))
                var count = 0
                for try await _ in inbound {
                    count += 1
                    if count == 10 {
                        try await connected(port).executeThenClose { inbound, outbound in
                            try await outbound.write(framed(["other"]))
                            var iterator = inbound.makeAsyncIterator()
                            #expect(try await iterator.next() != nil)
                        }
                    }
                    if count == messages.count { break }
                }
            }
            // A burst of ten, then ten a second.
            #expect(ContinuousClock.now - begun > .milliseconds(1050))
        }
    }

    @Test func thousandsOfIdleConnectionsLeaveRoomForOne() async throws {
        try await listening { port, _ in
            var idle: [any Channel] = []
            for _ in 0..<2000 {
                idle.append(
                    try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                        .connect(host: "127.0.0.1", port: port).get())
            }
            try await connected(port).executeThenClose { inbound, outbound in
                try await outbound.write(framed(["me"]))
                var iterator = inbound.makeAsyncIterator()
                #expect(try await iterator.next().map { String(buffer: $0) } == "took me")
            }
            for channel in idle { try? await channel.close() }
        }
    }
}
