import Foundation
import Intake
import Server
import ServiceLifecycle
import Synchronization

/// Gathers the messages that wait at all doors, and takes them into the store together: one sync for many, of whichever sources. Messages
/// of one connection come one by one, so their order is theirs; between connections there is none, and each source has its turn.
///
/// Bounded in number, bytes and time, each source for itself and each kind of door for itself: past it a message is refused at once, to be
/// sent again, rather than kept in memory.
final class IntakeLane: Service, Sendable {
    /// Messages waiting, at most, and as many writes beside them.
    static let maximumWaiting = 8192
    /// Of those, one source's.
    static let maximumOfOneSource = 6144
    /// Bytes waiting, at most, of messages and of writes.
    static let maximumBytes = 256 << 20
    /// Messages taken together, at most.
    static let together = 512
    /// Bytes of a message that is read on its way in. Read, it takes some times as many.
    static let readAheadBytes = 32 << 10
    /// Writes taken before messages have their turn again: each may need a sync of its own.
    static let writesTogether = 64

    typealias Answer = Result<DoorOutcome, DoorFailure>
    typealias WriteAnswer = Result<WriteOutcome, DoorFailure>

    private struct State {
        var queue = IntakeQueue()
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
        var input = IngestInput(name: name, bytes: message, type: type)
        input.source = source
        // Beside others, and while the log syncs. Not where much waits already: read, it would take more memory for longer.
        if message.count <= Self.readAheadBytes, depth < Self.together { input = store.readAhead(input) }
        let read = input
        return await withCheckedContinuation { continuation in
            let waiting = IntakeQueue.Message(input: read, answer: continuation)
            let refusal = admit { $0.append(waiting) }
            if let refusal { continuation.resume(returning: .failure(refusal)) }
        }
    }

    /// Takes writes in order; returns once each is durable, or cannot be.
    func take(_ writes: [SourceWrite], source: String) async -> [WriteAnswer] {
        if writes.isEmpty { return [] }
        return await withCheckedContinuation { continuation in
            let waiting = IntakeQueue.Writes(writes: writes, answer: continuation)
            let refusal = admit { $0.append(waiting, source) }
            if let refusal {
                continuation.resume(returning: Array(repeating: .failure(refusal), count: writes.count))
            }
        }
    }

    /// - Returns: why it has to come again; nil where it waits now.
    private func admit(_ append: (inout IntakeQueue) -> Bool) -> DoorFailure? {
        let refusal: DoorFailure? = state.withLock { state in
            if state.isStopped { return .notTaken("the server is stopping") }
            if let since = state.takingSince, .now - since > patience { return .notTaken("the log is slow") }
            return append(&state.queue) ? nil : .notTaken("too many messages wait")
        }
        if refusal == nil { work.signal() }
        return refusal
    }

    /// Messages that wait.
    var depth: Int { state.withLock { $0.queue.count } }

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
        let messages = state.withLock { state in
            let messages = state.queue.nextMessages(upTo: Self.together)
            if !messages.isEmpty { state.takingSince = .now }
            return messages
        }
        if !messages.isEmpty { take(messages) }
        let writes = state.withLock { state in
            let writes = state.queue.nextWrites(upTo: Self.writesTogether)
            state.takingSince = writes == nil ? nil : .now
            return writes
        }
        if let writes { take(writes.requests, writes.slice, of: writes.source) }
        let (isOver, isMore) = state.withLock { state in
            state.takingSince = nil
            return (state.isStopped && state.queue.isEmpty, !state.queue.isEmpty)
        }
        // What is left over waits for no other signal.
        if isMore { work.signal() }
        return !isOver
    }

    private func take(_ messages: [IntakeQueue.Message]) {
        var inputs: [IngestInput] = []
        inputs.reserveCapacity(messages.count)
        for message in messages {
            var input = message.input
            input.ticket = inputs.count + 1
            inputs.append(input)
        }
        // Each is told as soon as it is known.
        store.take(inputs) { ticket, answer in messages[ticket - 1].answer.resume(returning: answer) }
    }

    private func take(_ requests: [IntakeQueue.Writes], _ slice: [SourceWrite], of source: String) {
        var answers = store.take(source: source, writes: slice)[...]
        for var request in requests {
            let count = min(answers.count, request.writes.count - request.answers.count)
            request.answers += answers.prefix(count)
            answers = answers.dropFirst(count)
            if request.answers.count == request.writes.count {
                request.answer.resume(returning: request.answers)
            } else {
                state.withLock { $0.queue.putBack(request, source) }
            }
        }
    }
}
