import Foundation
import Intake
import Logging
import Server
import ServiceLifecycle
import Synchronization
import Testing
import Wire

@testable import Listeners

/// What the lane turns away, and that it does so at once.
@Suite struct LaneTests {
    private func writes(_ count: Int) -> [SourceWrite] {
        (0..<count).map { number in
            let body = WriteTests.observation("l\(number)", value: "\(number)")
            return SourceWrite(.update(type: "Observation", id: "l\(number)"), body: Array(body.utf8))
        }
    }

    private func isBusy(_ answer: IntakeLane.WriteAnswer) -> Bool {
        if case .failure(.notTaken) = answer { true } else { false }
    }

    @Test func aFullLaneTurnsAwayAndTakesAgainOnceThereIsRoom() async throws {
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store)
        // Nobody takes from it yet.
        let many = writes(IntakeLane.maximumOfOneSource)
        let first = Task { await lane.take(many, source: "ZZH01") }
        while lane.depth == 0 { try await Task.sleep(for: .milliseconds(5)) }
        let refused = await lane.take(writes(1), source: "ZZH01")
        #expect(refused.allSatisfy(isBusy))
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let answers = await first.value
            #expect(answers.count == IntakeLane.maximumOfOneSource && !answers.contains(where: isBusy))
            #expect(await lane.take(writes(1), source: "ZZH01").allSatisfy { !isBusy($0) })
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(await lane.take(writes(1), source: "ZZH01").allSatisfy(isBusy))
    }

    struct Closed: Error {}

    @Test func aSlowLogTurnsAwayWhatComesAndFinishesWhatItTook() async throws {
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store, patience: .milliseconds(100))
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        // Another intake holds the log up for as long as it likes.
        let (begun, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let body = Array(WriteTests.observation("slow", value: "1").utf8)
        Thread.detachNewThread { [store = served.store] in
            let input = IngestInput(name: "slow.json", bytes: body, type: .fhir)
            _ = try? store.ingest(source: "ZZH01", inputs: [input]) { _ in
                begun.signal()
                go.wait()
            }
        }
        await withCheckedContinuation { done in
            Thread.detachNewThread {
                begun.wait()
                done.resume()
            }
        }
        let one = writes(1)
        let first = Task { await lane.take(one, source: "ZZH01") }
        while lane.depth == 0 { try await Task.sleep(for: .milliseconds(5)) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            // The lane has it, and the log does not take it.
            while lane.depth > 0 { try await Task.sleep(for: .milliseconds(5)) }
            try await Task.sleep(for: .milliseconds(300))
            let refused = await lane.take(writes(1), source: "ZZH01")
            #expect(refused.allSatisfy(isBusy))
            go.signal()
            #expect(await first.value.allSatisfy { !isBusy($0) })
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func aRequestOfThousandsKeepsNoMessageWaiting() async throws {
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store)
        let many = writes(10_000)
        let order = Shared<[String]>([])
        let request = Task {
            let answers = await lane.take(many, source: "ZZH01")
            order.value.withLock { $0.append("request") }
            return answers
        }
        while lane.depth < many.count { try await Task.sleep(for: .milliseconds(5)) }
        let message = Task {
            let text =
                "MSH|^~\\&|PAS|HARBOUR|D|R|20180205133000||ADT^A28|1|P|2.4\rPID|1||H1^^^HARBOUR^MR||A^B\r"
            let answer = await lane.take(Array(text.utf8), source: "ZZH01", name: "test")
            order.value.withLock { $0.append("message") }
            return answer
        }
        while lane.depth < many.count + 1 { try await Task.sleep(for: .milliseconds(5)) }
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            guard case .success(.stored) = await message.value else { throw Closed() }
            #expect(await request.value.allSatisfy { !isBusy($0) })
            #expect(order.value.withLock { $0 } == ["message", "request"])
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func oneSourceLeavesRoomForTheOthers() async throws {
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store)
        for number in 0..<IntakeLane.maximumOfOneSource {
            Task { _ = await lane.take(Array("MSH\(number)".utf8), source: "ZZH01", name: "test") }
        }
        while lane.depth < IntakeLane.maximumOfOneSource { try await Task.sleep(for: .milliseconds(5)) }
        let refused = await lane.take(Array("MSH".utf8), source: "ZZH01", name: "test")
        guard case .failure(.notTaken) = refused else { throw Closed() }
        let other = Task { await lane.take(Array("MSH".utf8), source: "ZZG01", name: "test") }
        while lane.depth == IntakeLane.maximumOfOneSource { try await Task.sleep(for: .milliseconds(5)) }
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            guard case .success(.quarantined) = await other.value else { throw Closed() }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func messagesOfManySourcesShareOneSync() async throws {
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store)
        let sources = ["ZZH01", "ZZG01", "ZZC01"]
        let before = try served.store.log.head.position
        let answers = Shared<[Int: IntakeLane.Answer]>([:])
        for number in 0..<300 {
            Task {
                let text =
                    "MSH|^~\\&|A|B|D|R|20180205133000||ADT^A28|\(number)|P|2.4\rPID|1||P\(number)^^^B^MR||A^B\r"
                let answer = await lane.take(
                    Array(text.utf8), source: number == 7 ? "NOBODY" : sources[number % 3], name: "test")
                answers.value.withLock { $0[number] = answer }
            }
        }
        while lane.depth < 300 { try await Task.sleep(for: .milliseconds(5)) }
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while answers.value.withLock({ $0.count }) < 300 { try await Task.sleep(for: .milliseconds(5)) }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        // One that is nobody's keeps none beside it.
        let failed = answers.value.withLock {
            $0.filter { if case .failure = $0.value { true } else { false } }
        }
        #expect(failed.keys.sorted() == [7])
        guard case .failure(.usage) = failed[7] else { throw Closed() }
        let head = try served.store.log.head.position.value
        let times = try (before.value + 1...head).map {
            try served.store.log.header(at: Position($0)).recordedAt
        }
        #expect(Set(times).count < 10, "\(Set(times).count) commits for 300 messages of three sources")
    }
}

/// A value that tasks share.
private final class Shared<Value: Sendable>: Sendable {
    let value: Mutex<Value>

    init(_ value: Value) { self.value = Mutex(value) }
}
