import CareRecord
import EventLog
import LMDB
import Wire

extension ProjectionWorker where P == RecordProjection {
    /// Versions of an item looked at, at most, to find what a deletion deleted.
    static var maximumVersionsSought: Int { 256 }

    /// The codes that a deleted item last had: a deletion carries none, and what hid the item must hide its tombstone.
    ///
    /// - Returns: none where no version with content was ever in force.
    public func lastCodes(
        of item: (type: String, id: String), under subject: StreamToken, at position: Position,
        opener: RecordOpener
    ) throws(ProjectionError) -> [Coding] where Source == EventLog {
        let places = try withRead {
            (view: ProjectionView<P>, txn: borrowing ReadTransaction) throws(ProjectionError) -> [ItemPlace]
            in
            try view.projection.reader(view).history(
                of: item, under: subject, through: position, limit: Self.maximumVersionsSought, txn)
        }
        for place in places where place.wasInForce {
            do throws(ProjectionError) {
                let meta = try opener.itemMeta(
                    of: try source.stored(at: place.position), index: place.itemIndex)
                if meta.operation != .delete { return meta.codes }
            } catch .keyDestroyed { return [] }
        }
        return []
    }
}

extension EventLog {
    fileprivate func stored(at position: Position) throws(ProjectionError) -> StoredRecord {
        do throws(LogError) { return try read(at: position) } catch { throw .log(error) }
    }
}
