import EventLog
import Foundation
import LMDB
import Wire

/// What came of a rebuild.
public struct RebuildReport: Sendable, Hashable {
    /// Both views were folded to here when they were compared.
    public var position: Position
    /// The first difference, as text; nil where old and new are equal.
    public var difference: String?
    /// Whether the new view is the one read now.
    public var isSwapped: Bool
}

extension ProjectionWorker {
    /// Builds the view anew beside the one that is read, compares them at one position, and swaps. Reads and folding go on.
    ///
    /// - Parameters:
    ///   - keepOldIfDifferent: true leaves the old view in place where they differ, and removes the new one.
    ///   - report: told how far the new view is, about once a batch.
    /// - Throws: `busy` while another rebuild of it is under way.
    public func rebuild(
        keepOldIfDifferent: Bool = false,
        report: (_ folded: Position, _ target: Position) -> Void = { _, _ in }
    ) throws(ProjectionError) -> RebuildReport {
        guard rebuilding.try() else { throw .busy(what: "\(projection.name) is being built anew already") }
        defer { rebuilding.unlock() }
        let generation = view.generation + 1
        try folder.create(generation: generation)
        let fresh = try ProjectionView(projection, folder: folder, generation: generation)
        do throws(ProjectionError) {
            let result = try build(fresh, keepOldIfDifferent, report)
            if !result.isSwapped { discard(fresh) }
            return result
        } catch {
            discard(fresh)
            throw error
        }
    }

    private func discard(_ fresh: ProjectionView<P>) {
        fresh.abandon()
        folder.remove(generation: fresh.generation)
    }

    private func build(
        _ fresh: ProjectionView<P>, _ keepOld: Bool, _ report: (Position, Position) -> Void
    ) throws(ProjectionError) -> RebuildReport {
        // Most of the way beside the folding, as work that steps aside for all other; then the rest with folding held, where both stand
        // still for the snapshots.
        try approach(fresh, report)
        let (at, difference) = try compare(fresh, report)
        if difference != nil, keepOld {
            return RebuildReport(position: at, difference: difference, isSwapped: false)
        }
        try approach(fresh, report)
        try held { () throws(ProjectionError) in
            // Not what the old view says: it may not read any more.
            try advance(fresh, to: position, report)
            try swap(to: fresh)
        }
        return RebuildReport(position: at, difference: difference, isSwapped: true)
    }

    private func approach(
        _ fresh: ProjectionView<P>, _ report: (Position, Position) -> Void
    ) throws(ProjectionError) {
        let target = position
        try BackgroundWork.run { () throws(ProjectionError) in
            try FreshFold(view: fresh, source: source).advance(to: target, report)
        }
    }

    /// The rest, which is short.
    private func advance(
        _ fresh: ProjectionView<P>, to target: Position, _ report: (Position, Position) -> Void
    ) throws(ProjectionError) {
        try FreshFold(view: fresh, source: source).batches(to: target, report)
    }

    /// Snapshots of both views at one position are taken with folding held; comparing them goes on beside it.
    private func compare(
        _ fresh: ProjectionView<P>, _ report: (Position, Position) -> Void
    ) throws(ProjectionError) -> (Position, String?) {
        folding.lock()
        var isHeld = true
        defer { if isHeld { folding.unlock() } }
        let (old, at) = (view, position)
        try advance(fresh, to: at, report)
        do throws(ProjectionError) {
            let difference: String? = try old.environment.withReadTransaction {
                (a: borrowing ReadTransaction) throws(ProjectionError) -> String? in
                try fresh.environment.withReadTransaction {
                    (b: borrowing ReadTransaction) throws(ProjectionError) -> String? in
                    folding.unlock()
                    isHeld = false
                    let checkpoint = try old.position(a)
                    if checkpoint != at { return "its checkpoint says \(checkpoint), and \(at) was folded" }
                    return try BackgroundWork.run { () throws(ProjectionError) in
                        try projection.difference(a, old.tables, b, fresh.tables)
                    }
                }
            }
            return (at, difference)
        } catch {
            if case .log = error { throw error }
            // The old view does not read: all the more reason for the new one.
            return (at, "\(error)")
        }
    }
}
