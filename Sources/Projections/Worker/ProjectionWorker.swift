import EventLog
import Foundation
import LMDB
import Synchronization
import Wire

/// Keeps one projection folded: opens its view, catches up with the log, and goes on as the log grows, on a thread of its own.
///
/// Without `start` nothing runs by itself: `catchUp` folds on the calling thread, for commands that answer and exit.
public final class ProjectionWorker<P: Projection, Source: RecordSource>: Sendable {
    public let projection: P
    let source: Source
    let folder: ViewFolder
    let progress = FoldProgress()
    /// Held while a batch is folded and while the view is swapped.
    let folding = NSLock()
    /// Held while the view is built anew: a second rebuild would take the first one's folder.
    let rebuilding = NSLock()
    private let current: Mutex<ProjectionView<P>>
    private let stopping = Atomic<Bool>(false)
    private let thread = Mutex<DispatchSemaphore?>(nil)

    /// Opens the view under `views`, or begins a new one where there is none, or none that can be trusted: torn by an
    /// unclean stop, of another log, or ahead of this one.
    ///
    /// - Parameter views: the store's folder of views; made where it is missing.
    public init(_ projection: P, views: String, source: Source) throws(ProjectionError) {
        self.projection = projection
        self.source = source
        folder = ViewFolder(views: views, name: projection.name, version: projection.version)
        let view = try Self.open(projection, folder, source)
        current = Mutex(view)
        progress.advance(to: try view.position)
    }

    private static func open(
        _ projection: P, _ folder: ViewFolder, _ source: Source
    ) throws(ProjectionError) -> ProjectionView<P> {
        folder.sweep()
        let last = folder.current
        if let last, let view = try existing(projection, folder, last, source) {
            folder.sweepOtherVersions()
            return view
        }
        let fresh = (last ?? -1) + 1
        try folder.create(generation: fresh)
        let view = try ProjectionView(projection, folder: folder, generation: fresh)
        try folder.publish(generation: fresh)
        if let last { folder.remove(generation: last) }
        folder.sweepOtherVersions()
        return view
    }

    /// - Returns: nil where it is not one that can be trusted.
    /// - Throws: what keeps it from being looked at, which is no reason to throw it away.
    private static func existing(
        _ projection: P, _ folder: ViewFolder, _ generation: Int, _ source: Source
    ) throws(ProjectionError) -> ProjectionView<P>? {
        do throws(ProjectionError) {
            let view = try ProjectionView(projection, folder: folder, generation: generation)
            do throws(ProjectionError) {
                if try view.belongs(to: source) { return view }
            } catch {
                view.close()
                throw error
            }
            view.close()
            return nil
        } catch {
            guard error.isOfTheView else { throw error }
            return nil
        }
    }

    // MARK: Reading

    /// The view to read now. Read it in one transaction: `withRead`.
    public var view: ProjectionView<P> { current.withLock { $0 } }

    /// Runs `body` on a snapshot of the view, and says which position it is folded to.
    public func withRead<R: ~Copyable, E: LMDBErrorConvertible>(
        _ body: (ProjectionView<P>, borrowing ReadTransaction) throws(E) -> R
    ) throws(E) -> R {
        let view = view
        return try view.environment.withReadTransaction { (t: borrowing ReadTransaction) throws(E) -> R in
            try body(view, t)
        }
    }

    /// Everything up to here is folded and visible to reads that begin now.
    public var position: Position { progress.position }
    /// What keeps the worker from folding; nil once it goes on.
    public var failure: ProjectionError? { progress.error }

    /// Blocks this thread until `position` is folded, at most that long.
    ///
    /// - Returns: the position folded, which is lower where the time was over.
    /// - Throws: what stopped the worker.
    public func wait(until position: Position, milliseconds: Int) throws(ProjectionError) -> Position {
        try progress.wait(for: position, milliseconds: milliseconds)
    }

    /// As `wait`, for a task, whose thread is free meanwhile.
    public func reach(_ position: Position, milliseconds: Int) async throws(ProjectionError) -> Position {
        try await progress.reach(position, milliseconds: milliseconds)
    }

    // MARK: Folding

    /// Folds on this thread until `target` is reached. Safe beside the worker's own thread.
    public func catchUp(to target: Position) throws(ProjectionError) {
        try held { () throws(ProjectionError) in
            let view = view
            let run = CatchUp(projection: projection, source: source)
            try run.run(after: try view.position, through: target) { ready throws(ProjectionError) in
                try view.fold(ready.prepared, through: ready.checkpoint)
                progress.advance(to: ready.checkpoint.position)
                return !stopping.load(ordering: .relaxed)
            }
        }
    }

    /// Starts the thread that follows the log. Once.
    public func start() {
        let ended = DispatchSemaphore(value: 0)
        let isFirst = thread.withLock { running in
            defer { running = running ?? ended }
            return running == nil
        }
        guard isFirst else { return }
        let thread = Thread { [self] in
            follow()
            ended.signal()
        }
        thread.name = "daybook.\(projection.name)"
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// How long the thread rests after it folded, at least and at most.
    private static var restSeconds: ClosedRange<Double> { 0.005...0.05 }
    /// Of how long it folded: where much comes in, most of what a fold costs is its own commit, and is shared by all that came meanwhile.
    private static var restShare: Double { 4 }

    /// Rests after one failure after another: a full disk, say, may get room again.
    private static var pausesSeconds: [Double] { [0.1, 0.2, 0.5, 1, 2, 5] }

    private func follow() {
        var failures = 0
        while !stopping.load(ordering: .relaxed) {
            let head = source.waitForHead(past: position, milliseconds: 200)
            guard head > position else { continue }
            let began = ContinuousClock.now
            do throws(ProjectionError) {
                try catchUp(to: head)
                failures = 0
                // A read that cannot wait folds by itself: what comes meanwhile is folded in one go, not commit by commit.
                let spent = (ContinuousClock.now - began) / .seconds(1)
                Thread.sleep(
                    forTimeInterval: min(
                        max(spent * Self.restShare, Self.restSeconds.lowerBound), Self.restSeconds.upperBound)
                )
            } catch {
                progress.fail(error)
                pause(Self.pausesSeconds[min(failures, Self.pausesSeconds.count - 1)])
                failures += 1
            }
        }
    }

    /// Rests that long, or until the worker is stopped.
    private func pause(_ seconds: Double) {
        let end = Date(timeIntervalSinceNow: seconds)
        while !stopping.load(ordering: .relaxed), Date() < end { Thread.sleep(forTimeInterval: 0.05) }
    }

    /// Stops the thread, syncs and closes the view. Readers at work finish first.
    public func stop() {
        stopping.store(true, ordering: .relaxed)
        thread.withLock { $0 }?.wait()
        progress.close(.stopped(reason: "closed"))
        view.close()
    }

    /// Runs `body` while nothing else folds or swaps.
    func held<R>(_ body: () throws(ProjectionError) -> R) throws(ProjectionError) -> R {
        folding.lock()
        defer { folding.unlock() }
        return try body()
    }

    /// Puts another view in the place of the one that is read. The caller holds `folding`.
    func swap(to fresh: ProjectionView<P>) throws(ProjectionError) {
        try folder.publish(generation: fresh.generation)
        let old = current.withLock { view in
            defer { view = fresh }
            return view
        }
        progress.advance(to: try fresh.position)
        old.abandon()
        folder.remove(generation: old.generation)
    }
}
