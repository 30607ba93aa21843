import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Intake
import Logging
import Synchronization
import Testing
import Wire

@testable import Listeners
@testable import Server

/// What one part of the server waits for keeps no other part from answering.
@Suite struct HeldUpTests {
    /// An intake that holds on for as long as the body runs.
    private func whileTaking(_ store: Store, _ body: () async throws -> Void) async throws {
        let (begun, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let bytes = Array(WriteTests.observation("held", value: "1").utf8)
        Thread.detachNewThread {
            let input = IngestInput(name: "held.json", bytes: bytes, type: .fhir)
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
        defer { go.signal() }
        try await body()
    }

    @Test(.timeLimit(.minutes(5)))
    func overridesThatWaitForAnIntakeKeepNoReadFromItsAnswer() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let path = "Observation?patient.identifier=\(ServedStore.number)"
            let token = try served.token()
            #expect(try await client.get(path, token).status == .ok)
            let declaration = """
                {"resourceType":"Parameters","parameter":[{"name":"patient","valueIdentifier":\
                {"system":"https://fhir.nhs.uk/Id/nhs-number","value":"\(ServedStore.number)"}},\
                {"name":"reason","valueString":"unconscious"}]}
                """
            let sedge = try served.development("dr-sedge")
            try await withThrowingTaskGroup(of: HTTPResponse.Status.self) { tasks in
                try await whileTaking(served.store) {
                    for _ in 0..<StoreCalls.turns * 2 {
                        tasks.addTask { try await client.declare("$override", declaration, sedge).status }
                    }
                    // As many as there are turns: if each kept its own, none were left.
                    while served.store.intake.waitingCount < StoreCalls.turns {
                        try await Task.sleep(for: .milliseconds(5))
                    }
                    // Answered while they wait.
                    #expect(try await client.get(path, token).status == .ok)
                    #expect(served.store.intake.waitingCount > 0)
                }
                for try await status in tasks { #expect(status == .created) }
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func figuresThatDoNotComeKeepNobodyWaiting() async throws {
        let go = DispatchSemaphore(value: 0)
        let runs = Atomic<Int>(0)
        let figures = StoreFigures(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) {
            runs.add(1, ordering: .relaxed)
            go.wait()
        }
        await withDiscardingTaskGroup { tasks in
            for _ in 0..<8 { tasks.addTask { await figures.refresh() } }
        }
        // However many ask: one looks.
        #expect(runs.load(ordering: .relaxed) == 1)
        go.signal()
    }

    @Test func metricsFoldNothing() async throws {
        let served = try ServedStore()
        try await served.serving { client in
            let body = Array(WriteTests.observation("m", value: "1").utf8)
            _ = try served.store.ingest(
                source: "ZZH01", inputs: [IngestInput(name: "m.json", bytes: body, type: .fhir)])
            let folded = served.store.identity.position
            #expect(try folded < served.store.log.head.position)
            #expect(try await client.execute(uri: "/metrics", method: .get).status == .ok)
            #expect(served.store.identity.position == folded)
        }
    }
}
