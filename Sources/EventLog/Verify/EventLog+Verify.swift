import LMDB
import Wire

/// How `verify` works.
public struct VerifyOptions: Sendable {
    /// Threads that read and hash.
    public var threads = 2
    /// Compare the indexes too.
    public var checksIndexes = true

    public init() {}
}

extension EventLog {
    /// Checks everything the log holds up to its head: every record's CRC, position, parts and batch; every tile and
    /// commit root, recomputed from the headers; that times ascend; and the indexes against all of it.
    ///
    /// Reads in short transactions beside a running writer, in memory that does not grow with the log (but for the
    /// streams: `IndexFacts.maxStreams`). Blocks: call it on a plain thread.
    /// - Parameter progress: told the position reached, from time to time, from any of the threads.
    /// - Returns: what was found. Damage is in the report; only what keeps it from being read is thrown.
    public func verify(
        _ options: VerifyOptions = VerifyOptions(),
        progress: @escaping @Sendable (Position) -> Void = { _ in }
    ) throws(LogError) -> VerifyReport {
        let head = try head
        let through = options.checksIndexes ? index.reach.position : .start
        let pass = VerifyPass(storage, head: head, indexedThrough: through, progress: progress)
        let threads = (1..<max(1, options.threads)).map { _ in BackgroundThread { pass.work() } }
        pass.work()
        for thread in threads { thread.join() }
        var (report, facts) = try pass.finish()
        try checkStrayTiles(&report)
        if options.checksIndexes, report.problemCount == 0 {
            var check = IndexCheck(index.environment, facts)
            try check.run()
            report.indexProblems = check.problems
        }
        return report
    }

    /// Tiles past those that the head's tree has.
    private func checkStrayTiles(_ report: inout VerifyReport) throws(LogError) {
        let strays = try read { (t: borrowing ReadTransaction) throws(LogError) in
            let size = try storage.head(in: t).position.value
            let expected = (1...7).reduce(0) { $0 + size >> UInt64(8 * $1) }
            let entries: UInt64
            do throws(LMDBError) { entries = try t.statistics(storage.tiles).entries } catch {
                throw LogError(error)
            }
            return entries != expected ? "there are \(entries) tiles, and the tree has \(expected)" : nil
        }
        if let strays, report.problemCount == 0 { report.note(report.head.position, strays) }
    }
}

/// One pass over the log by several threads: each checks a run of records by itself, then takes its turn at the tree.
final class VerifyPass: Sendable {
    /// Records of a run: a multiple of a tile's 256.
    static let run: UInt64 = 4096

    private struct State {
        var tree: TreeCheck
        var facts: IndexFacts
        /// The next run to read, and the next to go into the tree.
        var next: UInt64 = 0
        var turn: UInt64 = 0
        var failure: LogError?
    }

    private let storage: LogEnvironment
    private let head: LogHead
    private let indexedThrough: Position
    private let progress: @Sendable (Position) -> Void
    private let state: Monitor<State>

    init(
        _ storage: LogEnvironment, head: LogHead, indexedThrough: Position,
        progress: @escaping @Sendable (Position) -> Void
    ) {
        (self.storage, self.head, self.indexedThrough) = (storage, head, indexedThrough)
        self.progress = progress
        state = Monitor(
            State(tree: TreeCheck(storage, head: head), facts: IndexFacts(through: indexedThrough)))
    }

    /// Checks runs until none is left.
    func work() {
        while true {
            let number: UInt64? = state.withLock { state in
                if state.failure != nil || state.next * Self.run >= head.position.value { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let number else { return }
            let first = Position(number * Self.run + 1)
            let last = Position(min((number + 1) * Self.run, head.position.value))
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

    private func takeTurn(_ number: UInt64, _ checked: RecordCheck) throws(LogError) {
        let result: Result<Void, LogError>? = state.wait { state in
            if state.failure != nil { return .success(()) }
            if state.turn != number { return nil }
            state.turn += 1
            do throws(LogError) {
                try state.tree.take(checked)
            } catch { return .failure(error) }
            state.facts.add(checked.facts)
            return .success(())
        }
        state.broadcast()
        try result?.get()
    }

    func finish() throws(LogError) -> (report: VerifyReport, facts: IndexFacts) {
        try state.withLock { (state) throws(LogError) in
            if let failure = state.failure { throw failure }
            return (try state.tree.finish(), state.facts)
        }
    }
}
