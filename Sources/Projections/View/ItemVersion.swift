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
    var content: ArraySlice<UInt8>

    public var isTombstone: Bool { meta.operation != .upsert }

    /// What of it may be shown, part by part; nil where nothing may. A deletion is decided by the codes that the item last had.
    ///
    /// - Parameters:
    ///   - category: of a cited resource, what it is shown under now.
    ///   - codes: of a deletion.
    public func shown(
        under category: Category?, codes: [Coding], decide: (ItemDescriptor) -> Decision,
        opaque: @escaping ItemRedaction.Opaque
    ) throws(ProjectionError) -> [ArraySlice<UInt8>]? {
        let source = String(meta.daybookID.prefix { $0 != "." })
        var meta = meta
        if meta.operation == .delete { meta.codes = codes }
        let parts =
            meta.type == "Patient" && !isTombstone ? PatientParts(content: content, splits: meta.splits) : nil
        var out: [ArraySlice<UInt8>] = []
        let own = category ?? meta.category
        let all =
            [(own, parts?.demographics ?? content)]
            + (parts?.categories ?? []).map { ($0, parts!.part($0, id: meta.daybookID)) }
        for (category, bytes) in all {
            let decision = decide(ItemDescriptor(meta, source: source, subject: subject, category: category))
            guard decision.permit else { continue }
            out.append(
                isTombstone ? [] : try ItemRedaction(decision.redaction, opaque: opaque).apply(to: bytes))
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

    /// The versions of an item of any of the subjects, newest first.
    ///
    /// - Parameter limit: at most so many of each.
    public func versions(
        of item: (type: String, id: String), under subjects: [StreamToken], through position: Position,
        limit: Int,
        opener: RecordOpener
    ) throws(ProjectionError) -> [ItemVersion] where Source == EventLog {
        var out: [ItemVersion] = []
        for (index, subject) in subjects.enumerated() {
            let places = try withRead {
                (view: ProjectionView<P>, txn: borrowing ReadTransaction) throws(ProjectionError)
                    -> [ItemPlace]
                in
                try view.projection.reader(view).history(
                    of: item, under: subject, through: position, limit: limit, txn)
            }
            for place in places {
                let record: StoredRecord
                do throws(LogError) { record = try source.read(at: place.position) } catch {
                    throw .log(error)
                }
                do throws(ProjectionError) {
                    let (meta, stored) = try opener.item(of: record, index: place.itemIndex)
                    let isResult = meta.type == "Observation" || meta.type == "DiagnosticReport"
                    let cancelled = isResult && meta.operation == .upsert && meta.status == "cancelled"
                    out.append(
                        ItemVersion(
                            subject: index, position: place.position, recordedAt: record.header.recordedAt,
                            wasInForce: place.wasInForce, meta: meta,
                            content: cancelled ? try ResultValue.removed(from: stored) : stored))
                } catch .keyDestroyed { continue }
            }
        }
        return out.sorted { $0.position > $1.position }
    }
}
