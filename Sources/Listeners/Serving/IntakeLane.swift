import Foundation
import Intake
import Server
import ServiceLifecycle
import Synchronization

/// Gathers the messages that wait at all doors, and takes them into the store together: one sync for many. Messages of one
/// connection come one by one, so their order is theirs.
///
/// Bounded: past it a message is refused at once, to be sent again, rather than kept in memory.
final class IntakeLane: Service, Sendable {
    /// Messages waiting, at most.
    static let maximumWaiting = 8192
    /// Bytes waiting, at most.
    static let maximumBytes = 256 << 20
    /// Messages taken together, at most.
    static let together = 512

    typealias Answer = Result<DoorOutcome, StoreError>

    private struct Waiting: Sendable {
        var source: String
        var input: IngestInput
        var answer: CheckedContinuation<Answer, Never>
    }

    private struct State {
        var waiting: [Waiting] = []
        var bytes = 0
        var isStopped = false
        var number: UInt64 = 0
    }

    private let store: Store
    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)

    init(store: Store) { self.store = store }

    /// Takes one message; returns once it is durable, or cannot be.
    func take(_ message: [UInt8], source: String, name: String, type: MessageType = .hl7v2) async -> Answer {
        await withCheckedContinuation { continuation in
            let refusal: StoreError? = state.withLock { state in
                if state.isStopped { return .busy("the server is stopping") }
                let isFull =
                    state.waiting.count >= Self.maximumWaiting
                    || state.bytes + message.count > Self.maximumBytes
                if isFull { return .busy("too many messages wait") }
                state.number += 1
                state.bytes += message.count
                // A name of its own: answers are told by name.
                let input = IngestInput(name: "\(name) #\(state.number)", bytes: message, type: type)
                state.waiting.append(Waiting(source: source, input: input, answer: continuation))
                return nil
            }
            if let refusal { continuation.resume(returning: .failure(refusal)) } else { work.signal() }
        }
    }

    /// Messages that wait.
    var depth: Int { state.withLock { $0.waiting.count } }

    func run() async throws {
        let (ended, end) = AsyncStream<Void>.makeStream()
        let thread = Thread { [self] in
            while next() {}
            end.finish()
        }
        thread.name = "daybook.intake"
        thread.stackSize = 8 << 20
        thread.start()
        await withTaskCancellationOrGracefulShutdownHandler {
            for await _ in ended {}
        } onCancelOrGracefulShutdown: { [self] in
            state.withLock { $0.isStopped = true }
            work.signal()
        }
    }

    /// - Returns: false once stopped, and nothing waits.
    private func next() -> Bool {
        work.wait()
        let (batch, isOver) = state.withLock { state in
            let batch = Array(state.waiting.prefix(Self.together))
            state.waiting.removeFirst(batch.count)
            state.bytes -= batch.reduce(0) { $0 + $1.input.bytes.count }
            return (batch, state.isStopped && state.waiting.isEmpty)
        }
        // In the order of arrival, source by source.
        var rest = batch[...]
        while let source = rest.first?.source {
            let run = rest.prefix { $0.source == source }
            rest = rest.dropFirst(run.count)
            answer(source, run)
        }
        return !isOver
    }

    private func answer(_ source: String, _ run: ArraySlice<Waiting>) {
        do throws(StoreError) {
            let told = try store.take(source: source, inputs: run.map(\.input))
            for waiting in run {
                let outcome = told[waiting.input.name]
                waiting.answer.resume(
                    returning: outcome.map { .success($0) }
                        ?? .failure(.busy("the log stopped before its turn")))
            }
        } catch {
            for waiting in run { waiting.answer.resume(returning: .failure(error)) }
        }
    }
}
