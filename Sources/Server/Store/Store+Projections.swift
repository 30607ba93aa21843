import Projections
import Wire

/// The read models of a store: what `projections` lists and rebuilds.
extension Store {
    /// One read model, as it stands.
    public struct ProjectionStatus: Hashable, Sendable {
        /// `record`: what `projections rebuild` calls it.
        public var name: String
        public var version: Int
        /// Everything up to here is folded.
        public var position: Position
        /// The log's head.
        public var head: Position
    }

    public static let projectionNames = ["identity", "policy", "record", "trail", "people"]

    /// How far each is. Folds nothing.
    public func projections() throws(StoreError) -> [ProjectionStatus] {
        let head = try head().position
        func status<P: Projection, S: RecordSource>(_ worker: ProjectionWorker<P, S>) -> ProjectionStatus {
            ProjectionStatus(
                name: worker.projection.name, version: Int(worker.projection.version),
                position: worker.position,
                head: head)
        }
        return [status(identity), status(policy), status(record), status(trail), status(people)]
    }

    /// Builds one anew beside the old one, compares the two, and swaps the new one in where they are equal or not: the log
    /// is the truth, and the report says how they differed.
    ///
    /// - Throws: `usage` where there is none of that name; `busy` while it is being built already.
    public func rebuildProjection(
        _ name: String, progress: (_ folded: Position, _ target: Position) -> Void = { _, _ in }
    ) throws(StoreError) -> RebuildReport {
        do throws(ProjectionError) {
            switch name {
            case identity.projection.name: return try identity.rebuild(report: progress)
            case policy.projection.name: return try policy.rebuild(report: progress)
            case record.projection.name: return try record.rebuild(report: progress)
            case trail.projection.name: return try trail.rebuild(report: progress)
            case people.projection.name: return try people.rebuild(report: progress)
            default: break
            }
        } catch .busy(let what) { throw .busy(what) } catch { throw .projection(error) }
        throw .usage("no projection \(name): there are \(Self.projectionNames.joined(separator: ", "))")
    }
}
