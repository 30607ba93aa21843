import LMDB
import Wire

/// How `verify` works.
public struct VerifyOptions: Sendable {
    /// Where it begins.
    public enum Start: Sendable {
        /// With the first record.
        case beginning
        /// Behind the newest checkpoint, whose signature is checked first: fast, and as good as the verification that
        /// made the checkpoint. The indexes are not compared then.
        case newestCheckpoint
        /// Where an earlier run stopped, as its state file says: the beginning where there is none that fits.
        case saved
    }

    /// Threads that read and hash.
    public var threads = 2
    /// Compare the indexes too.
    public var checksIndexes = true
    public var start = Start.beginning
    /// The key that signs the log's checkpoints, as its key store has it. Nil believes the one that the log keeps beside them, and so
    /// whoever could write both.
    public var signer: NoteKey?
    /// A file to keep the state in, so that a later run can go on (`.saved`); removed when the run ends.
    public var stateFile: String?
    /// Leave that file when the run ends well, so that a later run need not read the log again: for whoever has other steps to do after.
    public var keepsState = false
    /// Asked from time to time: true ends the run with `stopped`, its state kept where there is a file for it.
    public var shouldStop: @Sendable () -> Bool = { false }
    var mostStreams = IndexFacts.maxStreams

    public init() {}
}

extension EventLog {
    /// Checks everything the log holds up to its head: every record's CRC, position, parts and batch; every tile and
    /// commit root, recomputed from the headers; that times ascend; every checkpoint's signature and root; and the indexes
    /// against all of it.
    ///
    /// Reads in short transactions beside a running writer, in memory that does not grow with the log (but for the
    /// streams: `IndexFacts.maxStreams`). Blocks: call it on a plain thread. `LogInspection` does the same for a log whose
    /// end is so damaged that it does not open.
    /// - Parameter progress: told the position reached, from time to time, from any of the threads.
    /// - Returns: what was found. Damage is in the report; only what keeps it from being read is thrown.
    public func verify(
        _ options: VerifyOptions = VerifyOptions(),
        progress: @escaping @Sendable (Position) -> Void = { _ in }
    ) throws(LogError) -> VerifyReport {
        try Verification(storage, index: index.environment, options).run(progress)
    }
}

/// A log opened for nothing but to be verified: whatever state its newest records are in.
public final class LogInspection: Sendable {
    private let storage: LogEnvironment
    private let index: IndexEnvironment?

    /// - Throws: `notFound` where there is no log; `lmdb` where LMDB cannot open it at all.
    public init(_ paths: LogPaths) throws(LogError) {
        storage = try LogEnvironment(path: paths.log, mapBytes: 0, readOnly: true, checkingFormat: false)
        // Without the indexes there is less to verify; the next writer makes them.
        index = try? IndexEnvironment(path: paths.index, mapBytes: 0, readOnly: true)
    }

    deinit { close() }

    /// The newest position, as far as it can be told.
    public var newest: Position { get throws(LogError) { try storage.inspectedHead().head.position } }

    /// As `EventLog.verify`; and says what would keep the log from opening.
    public func verify(
        _ options: VerifyOptions = VerifyOptions(),
        progress: @escaping @Sendable (Position) -> Void = { _ in }
    ) throws(LogError) -> VerifyReport {
        var report = try Verification(storage, index: index, options).run(progress)
        do throws(LogError) { try storage.checkFormat(readOnly: true) } catch {
            report.note(.start, error.description)
        }
        return report
    }

    public func close() {
        index?.environment.close()
        storage.environment.close()
    }
}

/// One run of `verify`: the log, then the indexes.
struct Verification {
    private let storage: LogEnvironment
    private let index: IndexEnvironment?
    private let options: VerifyOptions

    init(_ storage: LogEnvironment, index: IndexEnvironment?, _ options: VerifyOptions) {
        (self.storage, self.index, self.options) = (storage, index, options)
    }

    func run(_ progress: @escaping @Sendable (Position) -> Void) throws(LogError) -> VerifyReport {
        try BackgroundWork.run { () throws(LogError) in try check(progress) }
    }

    private func check(_ progress: @escaping @Sendable (Position) -> Void) throws(LogError) -> VerifyReport {
        let (head, problem) = try storage.inspectedHead()
        var resumedBehind: Position?
        let comparesIndexes = options.checksIndexes && index != nil && options.start != .newestCheckpoint
        // What the index takes in meanwhile is past what is verified.
        let reach = comparesIndexes ? try index?.reach().position ?? .start : .start
        let through = min(reach, head.position)
        var (carry, facts) = try beginning(head, indexedThrough: through)
        facts.mostStreams = options.mostStreams
        if options.start == .saved, carry.position > .start { resumedBehind = carry.position }
        if let problem, carry.report.from < problem.position {
            carry.report.note(problem.position, problem.what)
        }
        let pass = try VerifyPass(
            storage, from: carry, facts, signer: options.signer,
            stateFile: options.stateFile.map(VerifyStateFile.init),
            keepsState: options.keepsState, shouldStop: options.shouldStop, progress: progress)
        let threads = (1..<max(1, options.threads)).map { _ in BackgroundThread { pass.work() } }
        pass.work()
        for thread in threads { thread.join() }
        var report: VerifyReport
        (report, facts) = try pass.finish()
        report.resumedBehind = resumedBehind
        try checkStrayTiles(&report)
        if comparesIndexes, report.problemCount == 0, let index {
            var check = IndexCheck(index, facts, storage)
            try check.run()
            report.indexProblems = check.problems
            report.indexesChecked = true
            report.hasTooManyStreams = !facts.hasAllStreams
        }
        if !options.keepsState || !report.isSound { options.stateFile.map(VerifyStateFile.init)?.remove() }
        return report
    }

    private func beginning(
        _ head: LogHead, indexedThrough: Position
    ) throws(LogError) -> (TreeCarry, IndexFacts) {
        let fresh = (TreeCarry(head: head), IndexFacts(through: indexedThrough))
        switch options.start {
        case .beginning: return fresh
        case .newestCheckpoint:
            return (try storage.carryBehindCheckpoint(head, signer: options.signer) ?? fresh.0, fresh.1)
        case .saved:
            guard let file = options.stateFile.map(VerifyStateFile.init), let state = file.read(),
                try storage.fits(state, head), state.facts.through <= indexedThrough
            else { return fresh }
            var (carry, facts) = (state.carry, state.facts)
            carry.report.head = head
            if carry.position <= facts.through { facts.extend(through: indexedThrough) }
            return (carry, facts)
        }
    }

    /// Tiles past those that the head's tree has.
    private func checkStrayTiles(_ report: inout VerifyReport) throws(LogError) {
        let strays = try storage.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) -> String? in
            let size = try storage.inspectedHead(in: t).head.position.value
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
