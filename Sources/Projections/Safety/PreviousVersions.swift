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
    /// By subject, as far as they were asked for.
    private var chapters: [EarlierVersions?]

    /// - Parameter records: of each subject, as the view read it.
    public init(
        _ worker: ProjectionWorker<RecordProjection, EventLog>, opener: RecordOpener, subjects: [StreamToken],
        records: [[CategoryRecord]]
    ) {
        (self.worker, self.opener, self.subjects) = (worker, opener, subjects)
        buffers = records.map { $0.first?.buffers }
        chapters = Array(repeating: nil, count: records.count)
    }

    /// What the item said before its correction: the newest version that was in force before it and says something else.
    ///
    /// - Returns: nil where there is none, where it was retracted in between, or where policy does not show it.
    public mutating func previous(
        of item: CorrectedItem, isShown: IsShown
    ) throws(ProjectionError) -> PreviousVersion? {
        guard let chapter = try chapter(of: item.subject) else { return nil }
        let places: EarlierVersions.Places
        do throws(WireError) { places = try chapter.places(of: item.version) } catch {
            throw Self.damaged(error)
        }
        var value = OwnValue(item)
        for place in places.changes {
            let version: EarlierVersions.Version
            do throws(WireError) { version = try chapter.change(place) } catch { throw Self.damaged(error) }
            if case .found(let found) = try verdict(on: version, &value, isShown) { return found }
        }
        // An item that is not in the keyframe came with one of the changes.
        guard let oldest = places.oldest else { return nil }
        var end = item.position
        if oldest.event.position < end.value {
            if case .found(let found) = try verdict(on: chapter.oldest(oldest), &value, isShown) {
                return found
            }
            end = Position(oldest.event.position)
        }
        let replaced: EarlierVersions.Version?
        do throws(WireError) { replaced = try chapter.replaced(places) } catch { throw Self.damaged(error) }
        // It says something else than the keyframe's version, which says what the item says.
        if let replaced {
            return try shown(replaced, Self.meta(of: replaced), isShown) { () throws(ProjectionError) in
                try ResultValue(replaced.content)
            }
        }
        if chapter.isOldest { return nil }
        return try previous(of: item, &value, before: end, isShown)
    }

    private mutating func chapter(of subject: Int) throws(ProjectionError) -> EarlierVersions? {
        if let known = chapters[subject] { return known }
        guard let buffers = buffers[subject] else { return nil }
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
        on version: EarlierVersions.Version, _ own: inout OwnValue, _ isShown: IsShown
    ) throws(ProjectionError) -> Verdict {
        let meta = try Self.meta(of: version)
        guard meta.operation == .upsert else { return .found(nil) }
        let value = try ResultValue(version.content)
        if try own.isSaid(by: value) { return .same }
        return .found(try shown(version, meta, isShown) { value })
    }

    private static func meta(of version: EarlierVersions.Version) throws(ProjectionError) -> ItemMetaView {
        do throws(WireError) { return try ItemMetaView(version.meta) } catch { throw damaged(error) }
    }

    /// - Returns: nil for a tombstone, and where policy does not show it.
    private func shown(
        _ version: EarlierVersions.Version, _ meta: ItemMetaView, _ isShown: IsShown,
        value: () throws(ProjectionError) -> ResultValue
    ) throws(ProjectionError) -> PreviousVersion? {
        guard meta.operation == .upsert, try isShown(meta) else { return nil }
        return PreviousVersion(
            position: version.position, recordedAt: version.recordedAt, resource: try value().alone)
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
            let version = EarlierVersions.Version(
                position: place.position, recordedAt: record.header.recordedAt, meta: meta, content: content)
            return try verdict(on: version, &own, isShown)
        } catch .keyDestroyed { return .found(nil) }
    }
}
