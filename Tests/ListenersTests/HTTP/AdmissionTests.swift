import Hummingbird
import HummingbirdTesting
import Synchronization
import Testing

@testable import Listeners

/// Requests past the bound are told to come again, and those let in are answered.
@Suite struct AdmissionTests {
    /// Answers while the gate is open, and counts who is inside.
    private final class Gate: Sendable {
        let inside = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let isOpen = Atomic<Bool>(false)

        func pass() async throws {
            most.max(inside.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            defer { inside.subtract(1, ordering: .relaxed) }
            while !isOpen.load(ordering: .relaxed) { try await Task.sleep(for: .milliseconds(5)) }
        }
    }

    @Test func pastTheBoundOneIsToldToComeAgain() async throws {
        let gate = Gate()
        let router = Router(context: ServerContext.self)
        router.add(middleware: ErrorMiddleware())
        router.add(middleware: AdmissionMiddleware(limit: 3))
        router.get("work") { _, _ in
            try await gate.pass()
            return "done"
        }
        try await Application(router: router).test(.router) { client in
            let answers = try await withThrowingTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<20 { group.addTask { try await client.execute(uri: "/work", method: .get) } }
                // Opened once all that cannot be let in were told so: they wait for nobody.
                var answers: [TestResponse] = []
                for try await answer in group {
                    answers.append(answer)
                    if answers.count == 17 { gate.isOpen.store(true, ordering: .relaxed) }
                }
                return answers
            }
            #expect(answers.filter { $0.status == .ok }.count == 3)
            let refused = answers.filter { $0.status == .serviceUnavailable }
            #expect(refused.count == 17 && refused.allSatisfy { $0.headers[.retryAfter] == "1" })
            #expect(gate.most.load(ordering: .relaxed) == 3)
            // And as before once it is over.
            #expect(try await client.execute(uri: "/work", method: .get).status == .ok)
        }
    }
}
