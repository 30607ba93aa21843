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
    private var chapters: [Int: EarlierVersions] = [:]

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
    public mutating func previous(
        of item: CorrectedItem, isShown: IsShown
    ) throws(ProjectionError) -> PreviousVersion? {
        guard let buffers = buffers[item.subject] else { return nil }
        let key = ReplacedVersion.Key(
            subject: subjects[item.subject], position: item.position, itemIndex: item.itemIndex)
        let cache = worker.projection.caches?.replaced
        let replaced: ReplacedVersion
        if let known = cache?.value(key) {
            replaced = known
        } else {
            do throws(ProjectionError) {
                replaced = ReplacedVersion(found: try replacedVersion(by: item, buffers))
            } catch .keyDestroyed { return nil }
            cache?.keep(replaced, key, buffers.generation)
        }
        guard let found = replaced.found else { return nil }
        let meta: ItemMetaView
        do throws(WireError) { meta = try ItemMetaView(found.meta[...]) } catch { throw Self.damaged(error) }
        guard try isShown(meta) else { return nil }
        return PreviousVersion(
            position: found.position, recordedAt: found.recordedAt, resource: found.resource[...])
    }

    private mutating func replacedVersion(
        by item: CorrectedItem, _ buffers: RecordBuffers
    ) throws(ProjectionError) -> ReplacedVersion.Found? {
        let chapter = try chapter(of: item.subject, buffers)
        let places: EarlierVersions.Places
        do throws(WireError) {
            places = try chapter.places(of: item.meta.bytes, before: item.position)
        } catch { throw Self.damaged(error) }
        for place in places.changes {
            let version: EarlierVersions.Version
            do throws(WireError) { version = try chapter.change(place) } catch { throw Self.damaged(error) }
            if case .found(let found) = try verdict(on: version, item) { return found }
        }
        // An item that is not in the keyframe came with one of the changes.
        guard let oldest = places.oldest else { return nil }
        var end = item.position
        if oldest.event.position < end.value {
            if case .found(let found) = try verdict(on: chapter.oldest(oldest), item) { return found }
            end = Position(oldest.event.position)
        }
        return try replacedVersion(by: item, before: end)
    }

    private mutating func chapter(
        of subject: Int, _ buffers: RecordBuffers
    ) throws(ProjectionError) -> EarlierVersions {
        if let known = chapters[subject] { return known }
        do throws(WireError) {
            let made = try EarlierVersions(buffers)
            chapters[subject] = made
            return made
        } catch { throw Self.damaged(error) }
    }

    private static func damaged(_ error: WireError) -> ProjectionError {
        .damaged(what: "a frame of changes: \(error)")
    }

    private enum Verdict {
        /// It says the same: what it replaced is to be looked at.
        case same
        case found(ReplacedVersion.Found?)
    }

    private func verdict(
        on version: EarlierVersions.Version, _ item: CorrectedItem
    ) throws(ProjectionError) -> Verdict {
        let meta: ItemMetaView
        do throws(WireError) { meta = try ItemMetaView(version.meta) } catch { throw Self.damaged(error) }
        guard meta.operation == .upsert else { return .found(nil) }
        if try ResultValue.isSame(version.content, item.content) { return .same }
        return .found(
            ReplacedVersion.Found(
                position: version.position, recordedAt: version.recordedAt, meta: Array(version.meta),
                resource: Array(try ResultValue.alone(of: version.content))))
    }

    /// The same from the log itself: what is older than the chapter, however often the source said the same again.
    private func replacedVersion(
        by item: CorrectedItem, before end: Position
    ) throws(ProjectionError) -> ReplacedVersion.Found? {
        var end = end
        while end > .start {
            let places = try places(of: item, before: end)
            for place in places where place.wasInForce {
                switch try verdict(onRecordAt: place, item) {
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
        onRecordAt place: ItemPlace, _ item: CorrectedItem
    ) throws(ProjectionError) -> Verdict {
        let record: StoredRecord
        do throws(LogError) { record = try worker.source.read(at: place.position) } catch {
            throw .log(error)
        }
        let (meta, content) = try opener.encodedItem(of: record, index: place.itemIndex)
        let version = EarlierVersions.Version(
            position: place.position, recordedAt: record.header.recordedAt, meta: meta, content: content)
        return try verdict(on: version, item)
    }
}
