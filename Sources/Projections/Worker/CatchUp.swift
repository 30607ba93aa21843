import EventLog
import Synchronization
import Wire

/// Folds a run of the log into a view, batch after batch; the next batch is read and prepared while one is folded.
struct CatchUp<P: Projection, Source: RecordSource>: Sendable {
    let projection: P
    let source: Source

    /// A batch ready to be folded, and the checkpoint it ends at.
    struct Ready: Sendable {
        var prepared: P.Prepared
        var checkpoint: Checkpoint
    }

    func ready(after: Position, through: Position, bytes: Int) throws(ProjectionError) -> Ready {
        var batch: RecordBatch
        do throws(LogError) {
            batch = try source.records(
                after: after, through: through, maximumBytes: bytes, wants: projection.wants)
        } catch { throw .log(error) }
        let prepared = try projection.prepare(&batch)
        guard batch.through > after else { throw .damaged(what: "the log gave nothing after \(after)") }
        let leaf: Digest
        do throws(LogError) {
            leaf = try Checkpoint.leaf(of: batch.through, in: source)
        } catch { throw .log(error) }
        return Ready(
            prepared: prepared,
            checkpoint: Checkpoint(version: projection.version, position: batch.through, leaf: leaf))
    }

    /// - Parameter fold: folds one batch; false stops the run.
    func run(
        after start: Position, through target: Position,
        fold: (Ready) throws(ProjectionError) -> Bool
    ) throws(ProjectionError) {
        guard start < target else { return }
        var after = start
        var bytes = projection.options.batchBytes
        var current = try ready(after: after, through: target, bytes: bytes)
        while true {
            let reached = current.checkpoint.position
            let ahead = reached < target ? readAhead(after: reached, through: target, bytes: bytes) : nil
            let outcome = Result { () throws(ProjectionError) in try fold(current) }
            let next = ahead?.take()
            switch outcome {
            case .failure(.batchTooHeavy) where bytes > 1:
                bytes /= 2
                current = try ready(after: after, through: target, bytes: bytes)
            case .failure(let error): throw error
            case .success(let goesOn):
                guard goesOn, let next else { return }
                after = reached
                bytes = min(bytes * 2, projection.options.batchBytes)
                current = try next.get()
            }
        }
    }

    private func readAhead(after: Position, through target: Position, bytes: Int) -> Ahead<Ready> {
        Ahead { () throws(ProjectionError) in try ready(after: after, through: target, bytes: bytes) }
    }
}

/// What is made on a thread of its own, which has this one's priority, until it is taken.
private struct Ahead<Value: Sendable>: Sendable {
    private final class Cell: Sendable {
        let made = Mutex<Result<Value, ProjectionError>?>(nil)
    }

    private let cell: Cell
    private let thread: BackgroundThread

    init(_ make: @escaping @Sendable () throws(ProjectionError) -> Value) {
        let cell = Cell()
        self.cell = cell
        thread = BackgroundThread {
            let made = Result { () throws(ProjectionError) in try make() }
            cell.made.withLock { $0 = made }
        }
    }

    /// Waits for it. Call it once.
    func take() -> Result<Value, ProjectionError> {
        thread.join()
        return cell.made.withLock { $0! }
    }
}
