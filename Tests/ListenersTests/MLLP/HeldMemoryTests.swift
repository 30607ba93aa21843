import Foundation
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization
import Testing

@testable import Listeners

/// Halves of messages have a bound over all connections, and those who hold most go first.
@Suite struct HeldMemoryTests {
    @Test func pastTheBoundWhoeverHoldsMostOfTheAddressThatHoldsMostGoes() {
        let closed = Mutex<[String]>([])
        let memory = HeldMemory(limit: 1000)
        func enter(_ peer: String, _ name: String) -> Int {
            memory.enter(peer) { closed.withLock { $0.append(name) } }
        }
        let many = (0..<4).map { enter("a", "a\($0)") }
        let one = enter("b", "b")
        for (number, id) in many.enumerated() { memory.change(id, by: 150 + number) }
        memory.change(one, by: 300)
        #expect(memory.total == 906 && closed.withLock { $0 }.isEmpty)
        // The largest single one is b's; a holds more.
        memory.change(one, by: 100)
        #expect(closed.withLock { $0 } == ["a3"] && memory.total == 853)
        // Who is gone holds nothing, whatever is said of them later.
        memory.change(many[3], by: 5000)
        memory.leave(many[3])
        #expect(memory.total == 853)
        memory.change(one, by: -400)
        memory.leave(one)
        for id in many { memory.leave(id) }
        #expect(memory.total == 0)
        // One alone that is past it.
        let large = enter("c", "c")
        memory.change(large, by: 1001)
        #expect(closed.withLock { $0 } == ["a3", "c"] && memory.total == 0)
    }

    private func listening(
        _ limits: MLLPLimits, _ body: (_ port: Int) async throws -> Void
    ) async throws {
        let (ports, port) = AsyncStream<Int>.makeStream()
        var listener = MLLPListener(
            endpoint: .init(host: "127.0.0.1", port: 0), limits: limits, tls: nil, door: ListenerTests.Echo(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        listener.onListening = {
            port.yield($0)
            port.finish()
        }
        let group = ServiceGroup(services: [listener], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await port in ports { try await body(port) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private func connected(_ port: Int) async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                }
            }
    }

    @Test(.timeLimit(.minutes(1)))
    func halvesOfLargeMessagesKeepNobodyFromSending() async throws {
        var limits = MLLPLimits()
        limits.heldBytes = 310_000
        limits.frameSeconds = 600
        try await listening(limits) { (port: Int) async throws in
            let ended = ListenerTests.Echo.Counted()
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for _ in 0..<8 {
                    tasks.addTask {
                        let half = ByteBuffer(bytes: [0x0B] + [UInt8](repeating: 0x41, count: 100_000))
                        try await connected(port).executeThenClose { inbound, outbound in
                            try await outbound.write(half)
                            do { for try await _ in inbound {} } catch {}
                            ended.count.add(1, ordering: .relaxed)
                        }
                    }
                }
                // Three of eight fit.
                while ended.count.load(ordering: .relaxed) < 5 {
                    try await Task.sleep(for: .milliseconds(20))
                }
                try await connected(port).executeThenClose { inbound, outbound in
                    var parts = inbound.makeAsyncIterator()
                    for text in ["one", "two", "three"] {
                        var frame = ByteBuffer()
                        MLLPFrameDecoder.framed(Array(text.utf8), into: &frame)
                        try await outbound.write(frame)
                        var answer = ""
                        while !answer.hasSuffix("\u{1C}\r"), let part = try await parts.next() {
                            answer += String(buffer: part)
                        }
                        #expect(answer.contains("took \(text)"))
                    }
                }
                #expect(ended.count.load(ordering: .relaxed) == 5)
                tasks.cancelAll()
            }
        }
    }
}
