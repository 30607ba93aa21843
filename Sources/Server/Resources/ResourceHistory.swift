import CareRecord
import EventLog
import Projections
import Wire

/// Versions of resources, each decided by itself. An item that is not shown now has no history: it may have been relabelled since.
struct ResourceHistory {
    /// Versions of one item, at most.
    static let maximumVersions = 1000

    let answering: ResourceAnswering
    let resources: [ShownResource]

    private var decided: Store.DecidedView { answering.decided }

    private struct Entry {
        var shown: ShownResource
        var isDeletion: Bool
        var isFirst: Bool
        var wasInForce: Bool
    }

    func version(_ type: String, _ id: String, _ version: Position) throws -> ResourceAnswering.Outcome {
        guard let found = try entries(type, id).first(where: { $0.shown.position == version }) else {
            return .refused(.notFound)
        }
        if found.isDeletion { return .refused(.gone) }
        return .shown(
            ResourceAnswering.Shown(
                body: try found.shown.bytes(), items: items(type, id), version: version,
                lastModified: found.shown.recordedAt))
    }

    func answered(_ type: String, _ id: String?, _ query: HistoryQuery) throws -> ResourceAnswering.Outcome {
        var all: [Entry] = []
        let names = id.map { [$0] } ?? ids(of: type)
        for id in names { all += Self.selected(try entries(type, id), query) }
        if id != nil, all.isEmpty, try entries(type, names[0]).isEmpty { return .refused(.notFound) }
        all.sort { ($0.shown.position, $0.shown.id) > ($1.shown.position, $1.shown.id) }
        let offset = answering.page?.offset ?? 0
        let page = Array(all.dropFirst(offset).prefix(query.count))
        var bundle = BundleWriter(base: answering.request.base, type: "history")
        bundle.total = all.count
        bundle.selfLink = answering.link(page: answering.page)
        if offset + page.count < all.count, !page.isEmpty {
            bundle.nextLink = answering.link(
                page: PageLink(position: decided.answer.position, offset: offset + page.count))
        }
        for entry in page {
            try bundle.add(version: entry.shown, isDeletion: entry.isDeletion, isFirst: entry.isFirst)
        }
        let shown = Set(page.map(\.shown.id)).sorted()
        return .shown(
            ResourceAnswering.Shown(body: bundle.finished(), items: shown.flatMap { items(type, $0) }))
    }

    /// The versions that may be shown, newest first, without deletions.
    func shown(_ type: String, _ id: String) throws -> [ShownResource] {
        let items = resources.first { $0.type == type && $0.id == id }?.items ?? []
        return try entries(type, id).filter { !$0.isDeletion }.map { entry in
            var shown = entry.shown
            shown.items = items
            return shown
        }
    }

    private func ids(of type: String) -> [String] {
        let gone = decided.answer.tombstones.map(\.reference).filter { $0.hasPrefix(type + "/") }
            .map { String($0.dropFirst(type.count + 1)) }
        return Set(resources.filter { $0.type == type }.map(\.id) + gone).sorted()
    }

    private func items(_ type: String, _ id: String) -> [ViewItem] {
        answering.items(resources.filter { $0.type == type && $0.id == id })
    }

    /// In force at any point of the period, recorded since.
    private static func selected(_ entries: [Entry], _ query: HistoryQuery) -> [Entry] {
        var entries = entries
        if let at = query.at {
            var out: [Entry] = []
            var end: Instant?
            for entry in entries where entry.wasInForce {
                // Newest first: each is current until the one before it in this order.
                if entry.shown.recordedAt <= at.upperBound, end.map({ $0 > at.lowerBound }) ?? true {
                    out.append(entry)
                }
                end = entry.shown.recordedAt
            }
            entries = out
        }
        if let since = query.since { entries = entries.filter { $0.shown.recordedAt >= since } }
        return entries
    }

    /// Those that may be shown, newest first; none where the item itself may not.
    private func entries(_ type: String, _ id: String) throws -> [Entry] {
        guard let context = decided.context, let union = decided.draft.patient.union, answering.may(type)
        else {
            return []
        }
        // As the answer names it: of a shielded patient by another id than its own, and nothing of what is gone.
        let reference = "\(type)/\(id)"
        let current = decided.answer.items.indices.filter { decided.answer.items[$0].reference == reference }
            .map { decided.draft.items[$0] }
        let isGone =
            !context.redactsLocation && decided.answer.tombstones.contains { $0.reference == reference }
        guard let own = current.first?.reference ?? (isGone ? reference : nil) else { return [] }
        let store = answering.store
        let versions = try store.record.versions(
            of: (type, String(own.dropFirst(type.count + 1))), under: union.subjects,
            through: decided.answer.position,
            limit: Self.maximumVersions,
            opener: store.opener)
        let isCited = [
            "Practitioner", "PractitionerRole", "Organization", "Location", "Specimen", "Provenance",
        ]
        .contains(type)
        var out: [Entry] = []
        for (index, version) in versions.enumerated() {
            let codes = versions[index...].first { $0.meta.operation != .delete }?.meta.codes ?? []
            guard
                let parts = try version.shown(
                    under: isCited ? current.first?.category ?? .other : nil, codes: codes,
                    decide: { context.decide($0) },
                    opaque: store.opaque(decided.draft.patient.asked))
            else { continue }
            var shown = ShownResource(
                type: type, id: id, position: version.position, recordedAt: version.recordedAt,
                content: Array(parts[0]), items: [])
            for part in parts.dropFirst() { try shown.merge(part) }
            if !decided.hidden.isEmpty, !version.isTombstone {
                shown.content = try ReferenceRemoval(decided.hidden).applied(
                    to: shown.content, of: reference)
            }
            out.append(
                Entry(
                    shown: shown, isDeletion: version.isTombstone, isFirst: false,
                    wasInForce: version.wasInForce))
        }
        // Of those shown: that there was an earlier one is not told where that may not be seen.
        if versions.count < Self.maximumVersions, !out.isEmpty { out[out.count - 1].isFirst = true }
        return out
    }
}
