import CareRecord
import EventLog
import LMDB
import Wire

/// One version of an item, in force or late: what a history lists.
public struct ItemVersion: Sendable {
    /// Index into the union's subjects.
    public var subject: Int
    public var position: Position
    public var recordedAt: Instant
    /// Whether it was in force as of its own position.
    public var wasInForce: Bool
    public var meta: ItemMeta
    /// The same as it is kept.
    var buffers: RecordBuffers
    var places: ItemMetaPlaces
    var content: ArraySlice<UInt8>

    public var isTombstone: Bool { meta.operation != .upsert }

    /// What of it may be shown, part by part; nil where nothing may.
    ///
    /// - Parameters:
    ///   - category: of a cited resource, what it is shown under now.
    ///   - deleted: of a deletion, the version that it deletes: it carries no codes, and its own category is the message's guess.
    /// - Returns: items as a view would show them at that version; of a deletion without content.
    public func shown(
        under category: Category?, deleting deleted: ItemVersion?, decide: (ItemDescriptor) -> Decision,
        opaque: @escaping ItemRedaction.Opaque
    ) throws(ProjectionError) -> [ViewItem]? {
        let source = String(meta.daybookID.prefix { $0 != "." })
        var meta = meta
        if meta.operation == .delete {
            meta.codes = deleted?.meta.codes ?? []
            meta.category = deleted?.meta.category ?? meta.category
        }
        let parts =
            meta.type == "Patient" && !isTombstone ? PatientParts(content: content, splits: meta.splits) : nil
        var out: [ViewItem] = []
        let own = category ?? meta.category
        let all =
            [(own, parts?.demographics ?? content)]
            + (parts?.categories ?? []).map { ($0, parts!.part($0, id: meta.daybookID)) }
        for (category, bytes) in all {
            let decision = decide(ItemDescriptor(meta, source: source, subject: subject, category: category))
            guard decision.permit else { continue }
            out.append(
                ViewItem(
                    places, at: position, recordedAt,
                    ItemGround(
                        buffers, source: source, rule: decision.rule.rawValue, basis: decision.basis),
                    category,
                    resource: isTombstone
                        ? nil : try ItemRedaction(decision.redaction, opaque: opaque).apply(to: bytes)))
        }
        return out.isEmpty ? nil : out
    }
}

extension ProjectionWorker where P == RecordProjection {
    /// Where the versions of an item stand under a subject, newest first.
    public func places(
        of item: (type: String, id: String), under subject: StreamToken, through position: Position,
        limit: Int
    ) throws(ProjectionError) -> [ItemPlace] {
        try withRead {
            (view: ProjectionView<P>, txn: borrowing ReadTransaction) throws(ProjectionError) -> [ItemPlace]
            in
            try view.projection.reader(view).history(
                of: item, under: subject, through: position, limit: limit, txn)
        }
    }

    /// Where the version in force at a position stands; nil where the subject held none by then.
    public func place(
        of item: (type: String, id: String), under subject: StreamToken, at position: Position
    ) throws(ProjectionError) -> ItemPlace? {
        try withRead {
            (view: ProjectionView<P>, txn: borrowing ReadTransaction) throws(ProjectionError) -> ItemPlace?
            in
            try view.projection.reader(view).place(of: item, under: subject, at: position, txn)
        }
    }

    /// The version that stands at a place; nil once its person was erased.
    ///
    /// - Parameter subject: its index among the union's subjects.
    public func version(
        at place: ItemPlace, of subject: Int, opener: RecordOpener
    ) throws(ProjectionError) -> ItemVersion? where Source == EventLog {
        let record: StoredRecord
        do throws(LogError) { record = try source.read(at: place.position) } catch { throw .log(error) }
        let encoded: (meta: ArraySlice<UInt8>, content: ArraySlice<UInt8>)
        do throws(ProjectionError) {
            encoded = try opener.encodedItem(of: record, index: place.itemIndex)
        } catch .keyDestroyed { return nil }
        let bytes = Array(encoded.meta)
        let places: ItemMetaPlaces
        let meta: ItemMeta
        do throws(WireError) {
            places = try ItemMetaPlaces(bytes.span, 0..<bytes.count)
            meta = try ItemMeta(decoding: encoded.meta)
        } catch { throw .record(place.position, what: "\(error)") }
        let isResult = meta.type == "Observation" || meta.type == "DiagnosticReport"
        let isCancelled = isResult && meta.operation == .upsert && meta.status == "cancelled"
        return ItemVersion(
            subject: subject, position: place.position, recordedAt: record.header.recordedAt,
            wasInForce: place.wasInForce, meta: meta,
            buffers: RecordBuffers(bytes), places: places,
            content: isCancelled ? try ResultValue.removed(from: encoded.content) : encoded.content)
    }
}
