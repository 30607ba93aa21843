import CareRecord
import EventLog
import LMDB
import Wire

/// Finds what corrected results of one view said before: in the chapters that the view unzipped, else in the log.
public struct PreviousVersions {
    /// What policy says of a version, which may have had other codes.
    public typealias IsShown = (ItemMetaView) throws(ProjectionError) -> Bool

    /// Versions of a corrected item that are looked up in the log at a time.
    static let batch = 64

    private let worker: ProjectionWorker<RecordProjection, EventLog>
    private let opener: RecordOpener
    private let subjects: [StreamToken]
    private let buffers: [RecordBuffers?]

    /// - Parameter records: of each subject, as the view read it.
    public init(
        _ worker: ProjectionWorker<RecordProjection, EventLog>, opener: RecordOpener, subjects: [StreamToken],
        records: [[CategoryRecord]]
    ) {
        (self.worker, self.opener, self.subjects) = (worker, opener, subjects)
        buffers = records.map { $0.first?.buffers }
    }

    /// What the item said before its correction: the newest version that was in force before it and says something else.
    ///
    /// - Returns: nil where there is none, where it was retracted in between, or where policy does not show it.
    public func previous(
        of item: CorrectedItem, isShown: IsShown
    ) throws(ProjectionError) -> PreviousVersion? {
        guard let buffers = buffers[item.subject] else { return nil }
        var value = OwnValue(item)
        var end = item.position
        var next = item.version.earlier
        while next >= 0 {
            let earlier = buffers.earlier[Int(next)]
            next = earlier.next
            switch earlier.kind {
            case .nothing: return nil
            case .replaced:
                let version = try Self.version(earlier, in: buffers)
                guard try Self.isShown(Self.meta(of: version), isShown) else { return nil }
                return PreviousVersion(
                    position: version.position, recordedAt: version.recordedAt, resource: version.content)
            case .version:
                // One message is one event, however often it has the item.
                guard earlier.event.position < item.position.value else { continue }
                let version = try Self.version(earlier, in: buffers)
                if case .found(let found) = try verdict(on: version, &value, isShown) { return found }
                end = version.position
            }
        }
        // An item that is not in the keyframe came with one of the changes.
        guard item.version.isInKeyframe, !buffers.isOldest else { return nil }
        return try previous(of: item, &value, before: end, isShown)
    }

    private static func version(
        _ earlier: EarlierVersion, in buffers: RecordBuffers
    ) throws(ProjectionError) -> RecordBuffers.Version {
        do throws(WireError) { return try buffers.version(earlier) } catch { throw damaged(error) }
    }

    private static func damaged(_ error: WireError) -> ProjectionError {
        .damaged(what: "a frame of changes: \(error)")
    }

    private enum Verdict {
        /// It says the same: what it replaced is to be looked at.
        case same
        case found(PreviousVersion?)
    }

    /// What the corrected item says now, taken out of its resource when it is first compared.
    private struct OwnValue {
        private let content: ArraySlice<UInt8>
        private var known: ResultValue?

        init(_ item: CorrectedItem) { content = item.content }

        mutating func isSaid(by other: ResultValue) throws(ProjectionError) -> Bool {
            let own: ResultValue
            if let known { own = known } else { own = try ResultValue(content) }
            known = own
            return try own.saysSame(as: other)
        }
    }

    private func verdict(
        on version: RecordBuffers.Version, _ own: inout OwnValue, _ isShown: IsShown
    ) throws(ProjectionError) -> Verdict {
        let meta = try Self.meta(of: version)
        guard meta.operation == .upsert else { return .found(nil) }
        let value = try ResultValue(version.content)
        if try own.isSaid(by: value) { return .same }
        guard try Self.isShown(meta, isShown) else { return .found(nil) }
        return .found(
            PreviousVersion(
                position: version.position, recordedAt: version.recordedAt,
                resource: value.alone(isCancelled: Self.isCancelled(meta))))
    }

    private static func meta(of version: RecordBuffers.Version) throws(ProjectionError) -> ItemMetaView {
        do throws(WireError) { return try ItemMetaView(version.meta) } catch { throw damaged(error) }
    }

    /// Of a result.
    private static func isCancelled(_ meta: ItemMetaView) -> Bool {
        meta.status.map { $0.elementsEqual("cancelled".utf8) } ?? false
    }

    /// Not a tombstone, and shown by policy.
    private static func isShown(_ meta: ItemMetaView, _ isShown: IsShown) throws(ProjectionError) -> Bool {
        guard meta.operation == .upsert else { return false }
        return try isShown(meta)
    }

    /// The same from the log itself: what is older than the chapter, however often the source said the same again.
    private func previous(
        of item: CorrectedItem, _ own: inout OwnValue, before end: Position, _ isShown: IsShown
    ) throws(ProjectionError) -> PreviousVersion? {
        var end = end
        while end > .start {
            let places = try places(of: item, before: end)
            for place in places where place.wasInForce {
                switch try verdict(onRecordAt: place, &own, isShown) {
                case .found(let found): return found
                case .same: continue
                }
            }
            guard places.count == Self.batch, let last = places.last else { return nil }
            end = last.position
        }
        return nil
    }

    /// Newest first; of one message the last of an item alone.
    private func places(
        of item: CorrectedItem, before end: Position
    ) throws(ProjectionError) -> [ItemPlace] {
        let name = (type: item.meta.type, id: item.meta.daybookID)
        return try worker.withRead {
            (view: ProjectionView<RecordProjection>, txn: borrowing ReadTransaction) throws(ProjectionError)
                -> [ItemPlace] in
            try view.projection.reader(view).history(
                of: name, under: subjects[item.subject], through: Position(end.value - 1), limit: Self.batch,
                txn)
        }
    }

    private func verdict(
        onRecordAt place: ItemPlace, _ own: inout OwnValue, _ isShown: IsShown
    ) throws(ProjectionError) -> Verdict {
        let record: StoredRecord
        do throws(LogError) { record = try worker.source.read(at: place.position) } catch {
            throw .log(error)
        }
        do throws(ProjectionError) {
            let (meta, content) = try opener.encodedItem(of: record, index: place.itemIndex)
            let version = RecordBuffers.Version(
                position: place.position, recordedAt: record.header.recordedAt, meta: meta, content: content)
            return try verdict(on: version, &own, isShown)
        } catch .keyDestroyed { return .found(nil) }
    }
}
