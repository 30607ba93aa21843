import Dispatch
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

    private func readAhead(after: Position, through target: Position, bytes: Int) -> Handover<Ready> {
        let next = Handover<Ready>()
        DispatchQueue.global().async {
            next.give(
                Result { () throws(ProjectionError) in
                    try ready(after: after, through: target, bytes: bytes)
                })
        }
        return next
    }
}

/// One value from one thread to another, which waits for it.
private final class Handover<Value: Sendable>: Sendable {
    private let value = Mutex<Result<Value, ProjectionError>?>(nil)
    private let given = DispatchSemaphore(value: 0)

    func give(_ result: Result<Value, ProjectionError>) {
        value.withLock { $0 = result }
        given.signal()
    }

    func take() -> Result<Value, ProjectionError> {
        given.wait()
        return value.withLock { $0! }
    }
}
