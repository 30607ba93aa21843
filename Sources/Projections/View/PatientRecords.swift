import EventLog
import LMDB
import Wire

extension ProjectionWorker where P == RecordProjection {
    /// Each subject's record at a position, category by category, in one snapshot. An erased subject's is empty.
    ///
    /// - Parameter position: one that is folded.
    public func records(
        of subjects: [StreamToken], at position: Position
    ) throws(ProjectionError) -> [[CategoryRecord]] {
        try withRead {
            (view: ProjectionView<P>, txn: borrowing ReadTransaction) throws(ProjectionError)
                -> [[CategoryRecord]] in
            let reader = view.projection.reader(view)
            var out: [[CategoryRecord]] = []
            for subject in subjects {
                do throws(ProjectionError) {
                    out.append(try reader.state(of: subject, at: position, txn))
                } catch .keyDestroyed { out.append([]) }
            }
            return out
        }
    }

    /// Where the items of any of the subjects changed, after a position and up to another, ascending.
    public func changes(
        of subjects: [StreamToken], after start: Position, through end: Position
    ) throws(ProjectionError) -> [Position] {
        try withRead {
            (view: ProjectionView<P>, txn: borrowing ReadTransaction) throws(ProjectionError) -> [Position] in
            let reader = view.projection.reader(view)
            var out: Set<Position> = []
            for subject in subjects {
                out.formUnion(try reader.changes(of: subject, after: start, through: end, txn))
            }
            return out.sorted()
        }
    }
}
