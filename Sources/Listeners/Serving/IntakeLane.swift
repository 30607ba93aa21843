import Foundation
import Intake
import Server
import ServiceLifecycle
import Synchronization

/// Gathers the messages that wait at all doors, and takes them into the store together: one sync for many. Messages of one
/// connection come one by one, so their order is theirs.
///
/// Bounded in number, bytes and time: past it a message is refused at once, to be sent again, rather than kept in memory.
final class IntakeLane: Service, Sendable {
    /// Messages waiting, at most.
    static let maximumWaiting = 8192
    /// Bytes waiting, at most.
    static let maximumBytes = 256 << 20
    /// Messages taken together, at most.
    static let together = 512

    typealias Answer = Result<DoorOutcome, StoreError>
    typealias WriteAnswer = Result<WriteOutcome, StoreError>

    /// What waits: a message, or writes that came in one request.
    private enum Work: Sendable {
        case message(IngestInput, CheckedContinuation<Answer, Never>)
        case writes([SourceWrite], CheckedContinuation<[WriteAnswer], Never>)

        var isMessage: Bool { if case .message = self { true } else { false } }
        var count: Int { if case .writes(let writes, _) = self { writes.count } else { 1 } }
        var bytes: Int {
            switch self {
            case .message(let input, _): input.bytes.count
            case .writes(let writes, _): writes.reduce(0) { $0 + $1.body.count }
            }
        }
    }

    private struct Waiting: Sendable {
        var source: String
        var work: Work
    }

    private struct State {
        var waiting: [Waiting] = []
        var messages = 0
        var bytes = 0
        var isStopped = false
        /// Since when the log has been taking what it takes now.
        var takingSince: ContinuousClock.Instant?
    }

    private let store: Store
    /// How long the log may take over what it was given, before more is turned away.
    private let patience: Duration
    private let state = Mutex(State())
    private let work = DispatchSemaphore(value: 0)

    init(store: Store, patience: Duration = .seconds(5)) { (self.store, self.patience) = (store, patience) }

    /// Takes one message; returns once it is durable, or cannot be.
    func take(_ message: [UInt8], source: String, name: String, type: MessageType = .hl7v2) async -> Answer {
        await withCheckedContinuation { continuation in
            let input = IngestInput(name: name, bytes: message, type: type)
            let refusal = admit(Waiting(source: source, work: .message(input, continuation)))
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
    }

    /// Takes writes in order; returns once each is durable, or cannot be.
    func take(_ writes: [SourceWrite], source: String) async -> [WriteAnswer] {
        await withCheckedContinuation { continuation in
            let refusal = admit(Waiting(source: source, work: .writes(writes, continuation)))
            if let refusal {
                continuation.resume(returning: Array(repeating: .failure(refusal), count: writes.count))
            }
        }
    }

    /// - Returns: why it has to come again; nil where it waits now.
    private func admit(_ waiting: Waiting) -> StoreError? {
        let refusal: StoreError? = state.withLock { state in
            if state.isStopped { return .busy("the server is stopping") }
            if let since = state.takingSince, .now - since > patience { return .busy("the log is slow") }
            // One request is never too large by itself: its door has bounds of its own.
            let isFull =
                state.messages > 0
                && (state.messages + waiting.work.count > Self.maximumWaiting
                    || state.bytes + waiting.work.bytes > Self.maximumBytes)
            if isFull { return .busy("too many messages wait") }
            state.messages += waiting.work.count
            state.bytes += waiting.work.bytes
            state.waiting.append(waiting)
            return nil
        }
        if refusal == nil { work.signal() }
        return refusal
    }

    /// Messages that wait.
    var depth: Int { state.withLock { $0.messages } }

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
            for taken in batch {
                state.messages -= taken.work.count
                state.bytes -= taken.work.bytes
            }
            state.takingSince = batch.isEmpty ? nil : .now
            return (batch, state.isStopped && state.waiting.isEmpty)
        }
        // In the order of arrival, source by source.
        var rest = batch[...]
        while let first = rest.first {
            let run = rest.prefix { $0.source == first.source && $0.work.isMessage == first.work.isMessage }
            rest = rest.dropFirst(run.count)
            if first.work.isMessage {
                answer(messages: run, of: first.source)
            } else {
                answer(writes: run, of: first.source)
            }
        }
        state.withLock { $0.takingSince = nil }
        return !isOver
    }

    private static let stopped = StoreError.busy("the log stopped before its turn")

    private func answer(messages run: ArraySlice<Waiting>, of source: String) {
        var inputs: [IngestInput] = []
        var continuations: [CheckedContinuation<Answer, Never>] = []
        for waiting in run {
            guard case .message(var input, let continuation) = waiting.work else { continue }
            input.ticket = inputs.count + 1
            inputs.append(input)
            continuations.append(continuation)
        }
        do throws(StoreError) {
            let told = try store.take(source: source, inputs: inputs)
            for (index, continuation) in continuations.enumerated() {
                continuation.resume(
                    returning: told[index + 1].map { .success($0) } ?? .failure(Self.stopped))
            }
        } catch {
            for continuation in continuations { continuation.resume(returning: .failure(error)) }
        }
    }

    private func answer(writes run: ArraySlice<Waiting>, of source: String) {
        var all: [SourceWrite] = []
        var parts: [(range: Range<Int>, continuation: CheckedContinuation<[WriteAnswer], Never>)] = []
        for waiting in run {
            guard case .writes(let writes, let continuation) = waiting.work else { continue }
            parts.append((all.count..<all.count + writes.count, continuation))
            all += writes
        }
        let answers: [WriteAnswer]
        do throws(StoreError) {
            answers = try store.take(source: source, writes: all).map {
                $0.map { .success($0) } ?? .failure(Self.stopped)
            }
        } catch { answers = Array(repeating: .failure(error), count: all.count) }
        for part in parts { part.continuation.resume(returning: Array(answers[part.range])) }
    }
}
