import Foundation
import Intake
import Logging
import Server
import ServiceLifecycle
import Testing

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
        if case .failure(.busy) = answer { true } else { false }
    }

    @Test func aFullLaneTurnsAwayAndTakesAgainOnceThereIsRoom() async throws {
        let served = try ServedStore()
        let lane = IntakeLane(store: served.store)
        // Nobody takes from it yet.
        let many = writes(IntakeLane.maximumWaiting)
        let first = Task { await lane.take(many, source: "ZZH01") }
        while lane.depth == 0 { try await Task.sleep(for: .milliseconds(5)) }
        let refused = await lane.take(writes(1), source: "ZZH01")
        #expect(refused.allSatisfy(isBusy))
        let message = await lane.take(Array("MSH|^~\\&|a\r".utf8), source: "ZZH01", name: "test")
        guard case .failure(.busy) = message else { throw Closed() }
        let group = ServiceGroup(services: [lane], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let answers = await first.value
            #expect(answers.count == IntakeLane.maximumWaiting && !answers.contains(where: isBusy))
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
}
