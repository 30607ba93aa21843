import EventLog
import Wire

/// Folds the log into a view that nobody reads yet: in runs where the projection can, else batch by batch.
struct FreshFold<P: Projection, Source: RecordSource> {
    let view: ProjectionView<P>
    let source: Source

    private var projection: P { view.projection }

    /// - Parameter report: told how far the view is, about once a run or batch.
    func advance(
        to target: Position, _ report: (_ folded: Position, _ target: Position) -> Void
    ) throws(ProjectionError) {
        try runs(to: target, report)
        try batches(to: target, report)
    }

    private func runs(
        to target: Position, _ report: (Position, Position) -> Void
    ) throws(ProjectionError) {
        var at = try view.position
        while at < target {
            let reached = try projection.foldRun(
                after: at, through: target, from: source, into: view.tables)
            if reached <= at { return }
            let leaf: Digest
            do throws(LogError) { leaf = try Checkpoint.leaf(of: reached, in: source) } catch {
                throw .log(error)
            }
            try view.move(to: Checkpoint(version: projection.version, position: reached, leaf: leaf))
            at = reached
            report(at, target)
        }
    }

    /// For what was appended meanwhile, too.
    func batches(
        to target: Position, _ report: (Position, Position) -> Void
    ) throws(ProjectionError) {
        let run = CatchUp(projection: projection, source: source)
        try run.run(after: try view.position, through: target) { ready throws(ProjectionError) in
            try view.fold(ready.prepared, through: ready.checkpoint)
            report(ready.checkpoint.position, target)
            return true
        }
    }
}
