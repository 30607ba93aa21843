import LMDB
import Synchronization
import Wire

/// The append-only log: records at gapless positions, a Merkle tree over them, one transaction a commit.
///
/// One process writes a log at a time; others may open it for reading beside that. All methods can be called from
/// any thread; those that read do so in short transactions and may block on the disk.
public final class EventLog: Sequencer, Sendable {
    /// How a log is opened.
    public enum Mode: Sendable {
        /// The one writer. Creates an empty log where there is none.
        case writer
        /// Beside a writer in another process, or without one.
        case readOnly
    }

    public let paths: LogPaths
    public let mode: Mode
    public let options: LogOptions
    let storage: LogEnvironment
    let index: LogIndex
    let board: HeadBoard
    let writer: LogWriter?
    let proofs: ProofTree
    /// Held while a reader's process takes in what another has appended.
    let refreshing = Mutex<Void>(())
    private let lifetime: Monitor<Lifetime>

    /// What `close` ends, in this order.
    private struct Lifetime: Sendable {
        var threads: Threads?
        var lock: LockBox?
    }

    private struct Threads: Sendable {
        var writer: BackgroundThread
        var index: BackgroundThread
        var leaves: BackgroundThread
        var zeros: BackgroundThread?
        var times: BackgroundThread
    }

    /// Holds the writer's lock file for as long as the log is open.
    private final class LockBox: Sendable {
        let lock: StoreDirectory.Lock
        init(_ lock: consuming StoreDirectory.Lock) { self.lock = lock }
    }

    /// Opens a log; as a writer, creates it where there is none.
    ///
    /// Takes the same time for a log of any size: the head and the Merkle frontier come from the last entries, and at
    /// most four index batches of headers are read again. Only a missing or foreign index is rebuilt.
    ///
    /// - Throws: `inUse` where another process writes it; `notFound` for a reader where there is none; `corrupt` or
    ///   `damaged` where the log's end does not hold together; `lmdb`, `system`.
    public init(_ paths: LogPaths, mode: Mode = .writer, options: LogOptions = LogOptions()) throws(LogError)
    {
        (self.paths, self.mode, self.options) = (paths, mode, options)
        let readOnly = mode == .readOnly
        var lock: LockBox?
        if !readOnly {
            try StoreDirectory.create(paths.log)
            try StoreDirectory.create(paths.index)
            lock = LockBox(try StoreDirectory.Lock(paths.log + "/writer.lock"))
        }
        storage = try LogEnvironment(
            path: paths.log, mapBytes: options.mapBytes, readOnly: readOnly, syncs: options.syncsEachCommit)
        let opened = try storage.openedState()
        board = HeadBoard(opened.state.head)
        proofs = ProofTree(storage)
        let index: IndexEnvironment
        do throws(LogError) {
            index = try IndexEnvironment(
                path: paths.index, mapBytes: options.indexMapBytes, readOnly: readOnly)
        } catch {
            storage.environment.close()
            throw error
        }
        self.index = try LogIndex.opened(
            index, storage: storage, head: opened.state.head, segmentRecords: options.segmentRecords,
            readOnly: readOnly)
        if readOnly {
            writer = nil
            lifetime = Monitor(Lifetime(threads: nil, lock: nil))
            // The index may reach further than the head read above: its writer went on meanwhile.
            try refresh()
            return
        }
        let newest = opened.state.isEmpty ? nil : opened.state.head.recordedAt
        let clock = LogClock(source: options.timeSource, newest: newest, isSimulated: opened.isSimulated)
        let writer = LogWriter(
            storage: storage, index: self.index, board: board, clock: clock, options: options)
        self.writer = writer
        let threads = Threads(
            writer: BackgroundThread { writer.run(opened.state) },
            index: BackgroundThread { [index = self.index] in
                index.run(
                    quietMicroseconds: options.indexQuietMicroseconds,
                    retryMicroseconds: options.indexRetryMicroseconds)
            },
            leaves: BackgroundThread { writer.hasher.run() },
            zeros: writer.zeros.map { zeros in BackgroundThread { zeros.run() } },
            times: BackgroundThread { writer.times.run(writer.queue) })
        lifetime = Monitor(Lifetime(threads: threads, lock: lock))
    }

    deinit { close() }

    /// Ends cleanly: what was queued is appended, the index is brought up to the log, the file is cut back to its
    /// used pages. Later calls throw `closed`. Blocks; calling it again does nothing.
    public func close() {
        let ending = lifetime.withLock { lifetime in
            defer { lifetime = Lifetime() }
            return lifetime
        }
        if let threads = ending.threads, let writer {
            writer.queue.close(.closed, dropping: false)
            threads.writer.join()
            writer.hasher.stop()
            threads.leaves.join()
            writer.zeros?.stop()
            threads.zeros?.join()
            writer.times.stop()
            threads.times.join()
            index.stop()
            threads.index.join()
            if board.stopped == nil {
                // Neither is needed for the next open to be right; both only make it quicker or the file smaller.
                try? index.flush(all: true)
                try? storage.environment.truncateToUsed()
                if !options.syncsEachCommit { try? storage.environment.sync() }
            }
        }
        board.stop(.closed)
        index.environment.environment.close()
        storage.environment.close()
    }

    /// Whether the log still takes records: it is open for writing, and no commit failed.
    public var isWriting: Bool { writer != nil && board.stopped == nil }

    // MARK: Appending

    public func append(_ unit: [Proposal]) async throws(LogError) -> [AppendOutcome] {
        if unit.isEmpty { return [] }
        let prepared = try prepare(unit)
        let outcome = await withUnsafeContinuation {
            (continuation: UnsafeContinuation<AppendReply.Outcome, Never>) in
            do throws(LogError) {
                try prepared.queue.add(prepared.unit(unit, .task(continuation)))
            } catch { continuation.resume(returning: .failure(error)) }
        }
        return try outcome.get()
    }

    /// `append` for plain threads: blocks until the unit is durable. Never call it from a task.
    public func appendAndWait(_ unit: [Proposal]) throws(LogError) -> [AppendOutcome] {
        if unit.isEmpty { return [] }
        let prepared = try prepare(unit)
        let cell = Monitor<AppendReply.Outcome?>(nil)
        try prepared.queue.add(prepared.unit(unit, .thread(cell)))
        guard let outcome = cell.wait(until: { $0 }) else { throw .closed }
        return try outcome.get()
    }

    /// What callers do before the queue, so that the writer does not: checks, and looking for duplicates.
    private struct Prepared {
        let queue: AppendQueue
        let records: Int
        let bytes: Int
        var known: [MessageMatch] = []
        var checkedThrough = Position.start

        func unit(_ proposals: [Proposal], _ reply: AppendReply) -> AppendUnit {
            AppendUnit(
                proposals: proposals, records: records, bytes: bytes, known: known,
                checkedThrough: checkedThrough, reply: reply)
        }
    }

    private func prepare(_ unit: [Proposal]) throws(LogError) -> Prepared {
        guard let writer else { throw .readOnly }
        if index.isBehind {
            // Where the index cannot be written (`indexFailure`) it is tried again: nothing of the log is wrong.
            throw .busy(retryAfterMilliseconds: index.failure == nil ? 50 : 1000)
        }
        let size = try AppendUnit.measure(unit)
        var prepared = Prepared(queue: writer.queue, records: size.records, bytes: size.bytes)
        if size.keys {
            (prepared.known, prepared.checkedThrough) = try index.matches(unit.map(\.message))
        }
        return prepared
    }

    /// Why the log takes nothing any more, where it does not: a commit failed.
    public var stopReason: LogError? { board.stopped }

    /// `LogError.full`, where the last that was to be written found no room in the map; nil once something did.
    public var fullReason: LogError? { board.full }
    /// Why the indexes are not written: appends go on until they are far behind. Nil once they are written again.
    public var indexFailure: LogError? { index.failure }

    public func follow(after position: Position) -> AsyncStream<LogHead> { board.follow(after: position) }
}
