import CareRecord
import EventLog
import LMDB
import Wire

/// What a corrected result said before: the version in force until the correction.
public struct PreviousVersion: Sendable {
    public var position: Position
    public var recordedAt: Instant
    /// JSON: its type, status and value alone.
    public var resource: ArraySlice<UInt8>

    public init(position: Position, recordedAt: Instant, resource: ArraySlice<UInt8>) {
        (self.position, self.recordedAt, self.resource) = (position, recordedAt, resource)
    }
}

/// A shown item whose status says that it was corrected.
public struct CorrectedItem: Sendable {
    /// Its place among the view's items.
    public var index: Int
    /// Index into the union's subjects.
    public var subject: Int
    public var type: String
    /// The id within Daybook.
    public var id: String
    public var position: Position
    public var content: ArraySlice<UInt8>
}

extension ProjectionWorker where P == RecordProjection {
    /// Versions of a corrected item looked at, at most, to find one that says something else.
    static var maximumCorrections: Int { 64 }

    /// What the item said before its correction: the newest version that was in force before it and says something else.
    ///
    /// - Parameters:
    ///   - isShown: what policy says of that version, which may have had other codes.
    /// - Returns: nil where there is none, where it was retracted in between, or where policy does not show it.
    public func previous(
        of item: CorrectedItem, under subject: StreamToken, opener: RecordOpener, isShown: (ItemMeta) -> Bool
    ) throws(ProjectionError) -> PreviousVersion? where Source == EventLog {
        guard item.position > .start else { return nil }
        let before = Position(item.position.value - 1)
        let places = try withRead {
            (view: ProjectionView<P>, txn: borrowing ReadTransaction) throws(ProjectionError) -> [ItemPlace]
            in
            try view.projection.reader(view).history(
                of: (item.type, item.id), under: subject, through: before, limit: Self.maximumCorrections, txn
            )
        }
        for place in places where place.wasInForce {
            let record: StoredRecord
            do throws(LogError) { record = try source.read(at: place.position) } catch { throw .log(error) }
            do throws(ProjectionError) {
                let (meta, content) = try opener.item(of: record, index: place.itemIndex)
                guard meta.operation == .upsert else { return nil }
                if try ResultValue.isSame(content, item.content) { continue }
                guard isShown(meta) else { return nil }
                return PreviousVersion(
                    position: place.position, recordedAt: record.header.recordedAt,
                    resource: try ResultValue.alone(of: content))
            } catch .keyDestroyed { return nil }
        }
        return nil
    }
}
