import LMDB
import Wire

/// One pass over the log by several threads: each checks a run of records by itself, then takes its turn at the tree.
final class VerifyPass: Sendable {
    /// Records of a run.
    static let run: UInt64 = 4096

    private struct State {
        var tree: TreeCheck
        var facts: IndexFacts
        /// The next run to read, and the next to go into the tree.
        var next: UInt64 = 0
        var turn: UInt64 = 0
        var failure: LogError?
        var saver: VerifyStateSaver?
    }

    private let storage: LogEnvironment
    private let start: Position
    private let head: LogHead
    private let indexedThrough: Position
    private let keepsState: Bool
    private let shouldStop: @Sendable () -> Bool
    private let progress: @Sendable (Position) -> Void
    private let state: Monitor<State>

    init(
        _ storage: LogEnvironment, from carry: TreeCarry, _ facts: IndexFacts, signer: NoteKey? = nil,
        stateFile: VerifyStateFile?, keepsState: Bool = false,
        shouldStop: @escaping @Sendable () -> Bool = { false },
        progress: @escaping @Sendable (Position) -> Void
    ) throws(LogError) {
        (self.storage, head, start) = (storage, carry.report.head, carry.position)
        (indexedThrough, self.shouldStop, self.progress) = (facts.through, shouldStop, progress)
        self.keepsState = keepsState
        state = Monitor(
            State(
                tree: try TreeCheck(storage, from: carry, signer: signer), facts: facts,
                saver: stateFile.map { VerifyStateSaver($0) }))
    }

    /// The bounds of a run; nil past the head. All but the first begin on a multiple of the run's size.
    private func bounds(_ number: UInt64) -> (first: Position, last: Position)? {
        let block = start.value / Self.run + number
        let first = max(block * Self.run, start.value) + 1
        if first > head.position.value { return nil }
        return (Position(first), Position(min((block + 1) * Self.run, head.position.value)))
    }

    /// Checks runs until none is left.
    func work() {
        while true {
            if shouldStop() { stop() }
            let number: UInt64? = state.withLock { state in
                if state.failure != nil || bounds(state.next) == nil { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let number, let (first, last) = bounds(number) else { return }
            do throws(LogError) {
                let checked = try RecordCheck(
                    storage, first: first, last: last, indexedThrough: indexedThrough)
                try takeTurn(number, checked)
            } catch {
                state.withLock { $0.failure = $0.failure ?? error }
                state.broadcast()
                return
            }
            progress(last)
        }
    }

    private func stop() {
        state.withLock { state in
            if state.failure != nil { return }
            let reached = state.tree.carry.position
            state.failure = .stopped(reason: "verify was told to, behind \(reached)")
            state.saver?.save(state.tree.carry, state.facts, isDue: true)
        }
        state.broadcast()
    }

    private func takeTurn(_ number: UInt64, _ checked: RecordCheck) throws(LogError) {
        let result: Result<Void, LogError>? = state.wait { state in
            if state.failure != nil { return .success(()) }
            if state.turn != number { return nil }
            state.turn += 1
            do throws(LogError) {
                try state.tree.take(checked)
            } catch { return .failure(error) }
            state.facts.add(checked.facts)
            state.saver?.save(state.tree.carry, state.facts)
            return .success(())
        }
        state.broadcast()
        try result?.get()
    }

    func finish() throws(LogError) -> (report: VerifyReport, facts: IndexFacts) {
        try state.withLock { (state) throws(LogError) in
            if let failure = state.failure { throw failure }
            if keepsState { state.saver?.save(state.tree.carry, state.facts, isDue: true) }
            return (try state.tree.finish(), state.facts)
        }
    }
}
