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
}
