import CareRecord
import EventLog
import Projections
import Wire

/// Versions of resources, each decided by itself. An item that is not shown now has no history: it may have been relabelled since.
///
/// Which versions there are is read from the index; only those of the page are opened.
struct ResourceHistory {
    /// Versions of one item that are looked for in the index at once.
    static let maximumPlaces = 1000

    let answering: ResourceAnswering
    let resources: [ShownResource]

    private var decided: Store.DecidedView { answering.decided }

    struct Entry {
        var shown: ShownResource
        var isDeletion: Bool
        var isFirst = false
        var wasInForce: Bool
    }

    func version(_ type: String, _ id: String, _ version: Position) throws -> ResourceAnswering.Outcome {
        guard let found = try entry(type, id, version) else { return .refused(.notFound) }
        if found.isDeletion { return .refused(.gone) }
        return .shown(
            ResourceAnswering.Shown(
                body: try found.shown.bytes(), items: answering.items([found.shown]), version: version,
                lastModified: found.shown.recordedAt))
    }

    /// The version at a position, if it may be shown.
    func entry(_ type: String, _ id: String, _ version: Position) throws -> Entry? {
        guard version <= decided.answer.position, let timeline = try timeline(type, id, through: version)
        else { return nil }
        for index in timeline.places.indices where timeline.places[index].place.position == version {
            if let entry = try entry(timeline, index) { return entry }
        }
        return nil
    }

    func answered(_ type: String, _ id: String?, _ query: HistoryQuery) throws -> ResourceAnswering.Outcome {
        let names = id.map { [$0] } ?? ids(of: type)
        if let id, try timeline(type, id, through: decided.answer.position) == nil {
            return .refused(.notFound)
        }
        let page = answering.page
        let through = min(page?.version ?? decided.answer.position, decided.answer.position)
        var found = try query.at.map { try current(type, names, in: $0, since: query.since) }
        found = found.map { entries in entries.filter { isAfter(page, $0) } }
        var entries = try found ?? newest(type, names, through: through, query, after: page)
        let hasMore = entries.count > query.count
        entries = Array(entries.prefix(query.count))
        try markFirst(type, &entries)
        var bundle = BundleWriter(base: answering.request.base, type: "history")
        if page == nil, !hasMore { bundle.total = entries.count }
        bundle.selfLink = try answering.link(page: page)
        if hasMore, let last = entries.last {
            bundle.nextLink = try answering.link(
                page: PageLink(
                    position: decided.answer.position, offset: (page?.offset ?? 0) + entries.count,
                    version: last.shown.position, last: answering.store.pageKey(Self.name(last))))
        }
        for entry in entries {
            try bundle.add(version: entry.shown, isDeletion: entry.isDeletion, isFirst: entry.isFirst)
        }
        return .shown(
            ResourceAnswering.Shown(
                body: bundle.finished(), items: answering.items(entries.map(\.shown)),
                grounds: { answering.grounds(of: resources.filter { $0.type == type }) }))
    }

    private static func name(_ entry: Entry) -> String {
        "\(entry.shown.reference)/_history/\(entry.shown.position.value)"
    }

    private func ids(of type: String) -> [String] {
        let gone = decided.answer.tombstones.map(\.reference).filter { $0.hasPrefix(type + "/") }
            .map { String($0.dropFirst(type.count + 1)) }
        return Set(resources.filter { $0.type == type }.map(\.id) + gone).sorted()
    }

    // MARK: Which

    /// Newest first; of one message in the reverse order of their ids.
    private static func precedes(_ a: Entry, _ b: Entry) -> Bool {
        (a.shown.position, a.shown.id) > (b.shown.position, b.shown.id)
    }

    private func isAfter(_ page: PageLink?, _ entry: Entry) -> Bool {
        guard let page, let version = page.version else { return true }
        // Those of the same message came before, or come now: the link says which was the last.
        if entry.shown.position != version { return entry.shown.position < version }
        return !isAtOrBefore(page, entry.shown.position, entry.shown.id, entry.shown.type)
    }

    /// Of one message: whether an item of that id stands at or before the last one shown.
    private func isAtOrBefore(_ page: PageLink, _ position: Position, _ id: String, _ type: String) -> Bool {
        let ids = self.ids(of: type)
        let last = ids.first {
            answering.store.pageKey("\(type)/\($0)/_history/\(position.value)") == page.last
        }
        return last.map { id >= $0 } ?? true
    }

    /// One more than a page has, if there are.
    private func newest(
        _ type: String, _ names: [String], through: Position, _ query: HistoryQuery, after page: PageLink?
    ) throws -> [Entry] {
        var out: [Entry] = []
        var end = through
        while true {
            let timelines = try names.compactMap { try timeline(type, $0, through: end) }
            // What lies before the oldest that every item was looked for back to is for the next round.
            let floor = timelines.compactMap(\.floor).max()
            let order = timelines.enumerated().flatMap { line in
                line.element.places.indices.map { (line: line.offset, index: $0) }
            }.sorted { a, b in
                let (x, y) = (timelines[a.line], timelines[b.line])
                return (x.places[a.index].place.position, x.id) > (y.places[b.index].place.position, y.id)
            }
            for place in order {
                let line = timelines[place.line]
                let position = line.places[place.index].place.position
                if let floor, position < floor { break }
                if let since = query.since, try answering.store.log.time(of: position) < since { return out }
                if let page, position == page.version, isAtOrBefore(page, position, line.id, type) {
                    continue
                }
                guard let entry = try entry(line, place.index) else { continue }
                out.append(entry)
                if out.count > query.count { return out }
            }
            guard let floor, floor > .start else { return out }
            end = Position(floor.value - 1)
        }
    }

    /// Those in force at any point of the period.
    private func current(
        _ type: String, _ names: [String], in period: ClosedRange<Instant>, since: Instant?
    ) throws -> [Entry] {
        var out: [Entry] = []
        for id in names {
            // Each subject's are a chain of their own.
            for subject in decided.draft.patient.union?.subjects.indices ?? 0..<0 {
                try chain(type, id, subject, period) { entry in
                    if since.map({ entry.shown.recordedAt >= $0 }) ?? true { out.append(entry) }
                }
            }
        }
        return out.sorted(by: Self.precedes)
    }

    private func chain(
        _ type: String, _ id: String, _ subject: Int, _ period: ClosedRange<Instant>,
        _ take: (Entry) -> Void
    ) throws {
        var end = decided.answer.position
        while let line = try timeline(type, id, through: end) {
            for index in line.places.indices where line.places[index].subject == subject {
                let place = line.places[index].place
                // Newest first: what came after the period was not in force in it, and ends nothing before.
                guard place.wasInForce,
                    try answering.store.log.time(of: place.position) <= period.upperBound,
                    let entry = try entry(line, index)
                else { continue }
                take(entry)
                if entry.shown.recordedAt <= period.lowerBound { return }
            }
            guard let floor = line.floor, floor > .start else { return }
            end = Position(floor.value - 1)
        }
    }

    /// Of those shown: that there was an earlier one is not told where that may not be seen.
    private func markFirst(_ type: String, _ entries: inout [Entry]) throws {
        var seen: Set<String> = []
        for index in entries.indices.reversed() where seen.insert(entries[index].shown.id).inserted {
            let before = Position(entries[index].shown.position.value - 1)
            let older = try newest(
                type, [entries[index].shown.id], through: before, HistoryQuery(count: 0), after: nil)
            entries[index].isFirst = older.isEmpty
        }
    }

    // MARK: One item's

    struct Timeline {
        var id: String
        /// As it is held, of a shielded patient another than shown.
        var reference: String
        /// Newest first.
        var places: [(subject: Int, place: ItemPlace)]
        /// Nil where that is all; else all from that position on are among them.
        var floor: Position?
        /// Of a cited resource, what it is shown under now.
        var category: Category?
    }

    /// - Returns: nil where the item itself may not be seen.
    private func timeline(_ type: String, _ id: String, through end: Position) throws -> Timeline? {
        guard let sight = decided.sight, let union = decided.draft.patient.union, answering.may(type)
        else { return nil }
        // As the answer names it: of a shielded patient by another id than its own, and nothing of what is gone.
        let reference = "\(type)/\(id)"
        let current = answering.place(of: reference).map { decided.draft.items[$0] }
        let isGone =
            !sight.redactsLocation && decided.answer.tombstones.contains { $0.reference == reference }
        guard let own = current?.reference ?? (isGone ? reference : nil) else { return nil }
        var out = Timeline(id: id, reference: own, places: [])
        let name = (type, String(own.dropFirst(type.count + 1)))
        for (index, subject) in union.subjects.enumerated() {
            let places = try answering.store.record.places(
                of: name, under: subject, through: end, limit: Self.maximumPlaces)
            if places.count == Self.maximumPlaces, let last = places.last {
                out.floor = max(out.floor ?? .start, last.position)
            }
            out.places += places.map { (index, $0) }
        }
        out.places.sort { $0.place.position > $1.place.position }
        if Self.cited.contains(type) { out.category = current?.category ?? .other }
        return out
    }

    private static let cited: Set<String> = [
        "Practitioner", "PractitionerRole", "Organization", "Location", "Specimen", "Provenance",
    ]

    /// The version at a place, as it may be shown; nil where it may not.
    private func entry(_ line: Timeline, _ index: Int) throws -> Entry? {
        let store = answering.store
        let (subject, place) = line.places[index]
        guard let sight = decided.sight,
            let version = try store.record.version(at: place, of: subject, opener: store.opener)
        else { return nil }
        // What its security stood under then.
        if version.meta.type == "Binary", version.meta.references.contains(where: decided.hidden.contains) {
            return nil
        }
        var deleted: ItemVersion?
        if version.meta.operation == .delete { deleted = try self.deleted(line, before: place, subject) }
        guard
            var parts = try version.shown(
                under: line.category, deleting: deleted, decide: { sight.decide($0) },
                opaque: store.opaque(decided.draft.patient.asked))
        else { return nil }
        if !decided.hidden.isEmpty { parts = try ReferenceRemoval(decided.hidden).applied(to: parts) }
        let type = version.meta.type
        var shown = ShownResource(
            type: type, id: line.id, position: version.position, recordedAt: version.recordedAt,
            content: Array(parts[0].resource ?? []), items: [], versions: parts)
        for part in parts.dropFirst() { try part.resource.map { try shown.merge($0) } }
        return Entry(shown: shown, isDeletion: version.isTombstone, wasInForce: version.wasInForce)
    }

    /// The last version with content that was in force before a deletion.
    private func deleted(
        _ line: Timeline, before place: ItemPlace, _ subject: Int
    ) throws -> ItemVersion? {
        guard place.position > .start, let union = decided.draft.patient.union else { return nil }
        let store = answering.store
        let type = String(line.reference.prefix { $0 != "/" })
        let earlier = try store.record.places(
            of: (type, String(line.reference.dropFirst(type.count + 1))), under: union.subjects[subject],
            through: Position(place.position.value - 1), limit: Self.maximumSought)
        for place in earlier where place.wasInForce {
            guard let version = try store.record.version(at: place, of: subject, opener: store.opener)
            else { return nil }
            if version.meta.operation != .delete { return version }
        }
        return nil
    }

    /// Versions looked at, at most, to find what a deletion deleted.
    private static let maximumSought = 256
}
