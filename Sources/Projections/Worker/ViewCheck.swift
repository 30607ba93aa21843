import EventLog
import Foundation
import LMDB
import Wire

/// Compares a view as it lies on the disk with one folded anew beside it: for `verify`, which changes nothing and may run
/// while another process folds.
public enum ViewCheck {
    public enum Outcome: Sendable, Hashable {
        /// Entry for entry what folding the log through this position gives.
        case equal(through: Position)
        /// The first difference, or why the view does not read.
        case differs(at: Position, what: String)
        /// As `equal`, and what comes after cannot be folded, by whoever tries.
        case stuck(through: Position, what: String)
        /// There is none to compare, or none that would be used: the next start builds it.
        case absent(reason: String)
    }

    /// - Parameters:
    ///   - views: the store's folder of views.
    ///   - scratch: a folder for the new one, made and removed; as large as the view.
    ///   - head: where the new one is folded on to where the view ends before it, so that one which folds no further is found.
    ///   - progress: how far the new one is folded.
    /// - Throws: what keeps the log from being folded, or the scratch folder from being written.
    public static func run<P: Projection>(
        _ projection: P, views: String, scratch: String, source: some RecordSource, head: Position,
        progress: @escaping (Position, Position) -> Void = { _, _ in }
    ) throws(ProjectionError) -> Outcome {
        let folder = ViewFolder(views: views, name: projection.name, version: projection.version)
        let view: ProjectionView<P>
        switch try open(projection, folder) {
        case .opened(let found): view = found
        case .ended(let outcome): return outcome
        }
        defer { view.close() }
        let at: Position
        do throws(ProjectionError) {
            guard try view.belongs(to: source) else {
                return .differs(at: .start, what: "its checkpoint is not of this log and version")
            }
            at = try view.position
        } catch {
            if case .log = error { throw error }
            return .differs(at: .start, what: "\(error)")
        }
        let fresh = ViewFolder(views: scratch, name: projection.name, version: projection.version)
        try fresh.create(generation: 0)
        defer { fresh.remove(generation: 0) }
        let built = try ProjectionView(projection, folder: fresh, generation: 0)
        defer { built.close() }
        // Most of the way without holding pages of the live view, then what was folded meanwhile.
        try advance(built, projection, source, to: at, progress)
        let outcome = try compare(view, built, projection, source, progress)
        guard case .equal(let through) = outcome else { return outcome }
        do throws(ProjectionError) {
            try advance(built, projection, source, to: head, progress)
            return outcome
        } catch {
            if error.isOfTheMachine { throw error }
            return .stuck(through: through, what: "\(error)")
        }
    }

    private enum Opening<P: Projection> {
        case opened(ProjectionView<P>)
        case ended(Outcome)
    }

    /// A rebuild may put another generation in the place of the one that the link named a moment ago.
    private static func open<P: Projection>(
        _ projection: P, _ folder: ViewFolder
    ) throws(ProjectionError) -> Opening<P> {
        while true {
            guard let generation = folder.current else {
                return .ended(.absent(reason: "there is none; the next start builds it"))
            }
            if UseMark(folder: folder.path(generation: generation)).isStale {
                return .ended(
                    .absent(reason: "the machine stopped while it was in use; the next start builds it"))
            }
            do throws(ProjectionError) {
                return .opened(
                    try ProjectionView(examining: projection, folder: folder, generation: generation))
            } catch {
                if folder.current != generation { continue }
                return .ended(.differs(at: .start, what: "it does not open: \(error)"))
            }
        }
    }

    private static func advance<P: Projection>(
        _ built: ProjectionView<P>, _ projection: P, _ source: some RecordSource, to target: Position,
        _ progress: @escaping (Position, Position) -> Void
    ) throws(ProjectionError) {
        try FreshFold(view: built, source: source).advance(to: target, progress)
    }

    private static func compare<P: Projection>(
        _ view: ProjectionView<P>, _ built: ProjectionView<P>, _ projection: P, _ source: some RecordSource,
        _ progress: @escaping (Position, Position) -> Void
    ) throws(ProjectionError) -> Outcome {
        try view.environment.withReadTransaction {
            (a: borrowing ReadTransaction) throws(ProjectionError) -> Outcome in
            let at = try view.position(a)
            try advance(built, projection, source, to: at, progress)
            return try built.environment.withReadTransaction {
                (b: borrowing ReadTransaction) throws(ProjectionError) -> Outcome in
                do throws(ProjectionError) {
                    guard let found = try projection.difference(a, view.tables, b, built.tables) else {
                        return .equal(through: at)
                    }
                    // One that was never folded has neither entries nor a checkpoint.
                    return .differs(
                        at: at, what: at == .start ? "meta: it has no checkpoint; \(found)" : found)
                } catch {
                    if case .log = error { throw error }
                    return .differs(at: at, what: "\(error)")
                }
            }
        }
    }
}
