import CareRecord
import EventLog
import Intake
import Projections
import Wire

/// Makes the answer to one question out of a view that is decided.
struct ResourceAnswering {
    let store: Store
    let request: ResourceRequest
    let decided: Store.DecidedView
    let page: PageLink?
    private let resources: [ShownResource]
    private let isInContext: Bool
    /// The first item of each resource, by the name that the answer gives it.
    private let places: [String: Int]

    /// What is shown, and the view's items that it is made of.
    struct Shown {
        var body: [UInt8]
        var items: [ViewItem]
        /// What is shown and made by this server.
        var named: [(item: ReceiptDetail.Item, source: String)] = []
        /// What else the answer stands on: it was looked through, and counted. Worked out where there is anything that it could use up.
        var grounds: () -> Set<Position> = { [] }
        var version: Position?
        var lastModified: Instant?
    }

    enum Outcome {
        case shown(Shown)
        case refused(ResourceRefusal.Kind)
    }

    init(
        store: Store, request: ResourceRequest, decided: Store.DecidedView, page: PageLink?
    ) throws(StoreError) {
        (self.store, self.request, self.decided, self.page) = (store, request, decided, page)
        resources = try ShownResource.all(
            of: decided.draft.items, named: decided.answer.items, where: Self.needed(request.question))
        places = Self.places(of: decided.answer.items, request.question)
        isInContext = try store.isInContext(request.caller, decided.draft.patient)
    }

    /// Which resources, by `Type/id`, an answer can be made of: the others need not be put together.
    private static func needed(_ question: ResourceQuestion) -> (String) -> Bool {
        switch question {
        // Made of the others.
        case .search("Provenance", _), .read("Consent", _), .search("Consent", _): return { _ in true }
        case .read(let type, let id):
            let wanted = "\(type)/\(id)"
            return { $0 == wanted }
        case .search(let type, let search) where search.include.isEmpty && search.revinclude.isEmpty:
            let prefix = Array("\(type)/".utf8)
            return { $0.utf8.starts(with: prefix) }
        default: return { _ in true }
        }
    }

    /// - Throws: `usage` for a page that cannot be gone on with.
    func answered() throws -> Outcome {
        switch request.question {
        case .read(let type, let id): return try read(type, id)
        case .version(let type, let id, let version):
            return try history().version(type, id, Position(version))
        case .history(let type, let id, let query): return try history().answered(type, id, query)
        case .search(let type, let search): return .shown(try searched(type, search))
        case .everything(let query): return .shown(try everything(query))
        }
    }

    private func history() -> ResourceHistory {
        ResourceHistory(answering: self, resources: resources)
    }

    func may(_ type: String) -> Bool { request.caller.may(.read, type, isInContext: isInContext) }

    /// Only a history asks for them.
    private static func places(of items: [ViewItem], _ question: ResourceQuestion) -> [String: Int] {
        switch question {
        case .history, .version, .read("Provenance", _):
            Dictionary(
                items.enumerated().map { ($0.element.reference, $0.offset) }, uniquingKeysWith: { a, _ in a })
        default: [:]
        }
    }

    func place(of reference: String) -> Int? { places[reference] }

    private func read(_ type: String, _ id: String) throws -> Outcome {
        let sent = resources.first { $0.type == type && $0.id == id }
        if let found = try sent ?? made(type, id) {
            var shown = self.shown([found], body: try found.bytes())
            (shown.version, shown.lastModified) = (found.position, found.recordedAt)
            return .shown(shown)
        }
        let isGone = decided.answer.tombstones.contains { $0.reference == "\(type)/\(id)" }
        return .refused(isGone ? .gone : .notFound)
    }

    /// - Parameter looked: what was looked through, besides what is shown.
    private func shown(_ resources: [ShownResource], body: [UInt8], looked: [ShownResource] = []) -> Shown {
        Shown(
            body: body, items: items(resources),
            named: resources.compactMap { $0.made.map { ($0.item, $0.source) } },
            grounds: { grounds(of: looked + resources.filter { $0.made != nil }) })
    }

    func items(_ shown: [ShownResource]) -> [ViewItem] {
        shown.flatMap { $0.made != nil ? [] : $0.versions + $0.items.map { decided.draft.items[$0] } }
    }

    func grounds(of looked: [ShownResource]) -> Set<Position> {
        var out = ViewItem.basis(of: items(looked))
        for made in looked.compactMap(\.made) { out.formUnion(made.basis) }
        return out
    }

    // MARK: Made of the log

    /// Resources of the type: those that sources sent, and those that are made of what the log says.
    private func all(_ type: String) throws(StoreError) -> [ShownResource] {
        let sent = resources.filter { $0.type == type }
        switch type {
        case "Provenance": return sent + (try provenances(of: resources))
        case "Consent": return sent + (try PolicyConsents(decided: decided, resources: resources).all(store))
        default: return sent
        }
    }

    /// Where what is shown came from, of the types that the token reaches. Of a shielded patient the sources' names are withheld, and so is
    /// this.
    private func provenances(of shown: [ShownResource]) throws(StoreError) -> [ShownResource] {
        guard decided.sight?.redactsLocation == false else { return [] }
        let maker = VersionProvenance(store: store)
        var out: [ShownResource] = []
        for resource in shown where may(resource.type) {
            guard var made = try maker.resource(of: resource) else { continue }
            guard let about = (resource.versions + resource.items.map { decided.draft.items[$0] }).first
            else { continue }
            made.made = ShownResource.Made(
                item: ReceiptDetail.Item(
                    reference: made.reference, position: made.position, category: about.category.name,
                    rule: about.rule), source: about.source, basis: about.basis)
            out.append(made)
        }
        return out
    }

    private func made(_ type: String, _ id: String) throws -> ShownResource? {
        switch type {
        case "Consent":
            return try PolicyConsents(decided: decided, resources: resources).all(store).first { $0.id == id }
        case "Provenance":
            guard let target = try VersionProvenance(store: store).target(of: id) else { return nil }
            // Of any version that may be seen.
            guard let entry = try history().entry(target.type, target.id, target.position),
                !entry.isDeletion
            else { return nil }
            return try provenances(of: [entry.shown]).first
        default: return nil
        }
    }

    // MARK: Search

    private func searched(_ type: String, _ search: ResourceSearch) throws -> Shown {
        let calendar = decided.context?.calendar ?? .london
        var found: [(resource: ShownResource, document: JSONCursor)] = []
        let looked = try all(type)
        for resource in looked {
            let document = try StoredJSON.document(resource.content, of: resource.reference)
            if search.conditions.allSatisfy({ $0.holds(of: resource, document.root, calendar) }) {
                found.append((resource, document.root))
            }
        }
        sort(&found, by: search.sort, type, calendar)
        var bundle = BundleWriter(base: request.base, type: "searchset")
        bundle.selfLink = try link(page: page)
        let total = found.count
        let isCount = search.count == 0 || search.summary == .count
        if search.total != .none || isCount { bundle.total = total }
        // A total is an answer as well: what was counted, or looked through in vain, is used.
        if isCount { return shown([], body: bundle.finished(), looked: looked) }
        let matches = try self.page(of: found.map(\.resource), search.count, &bundle).map { found[$0] }
        let shown = matches.map(\.resource)
        let related = try included(search, matches)
        for resource in shown { try bundle.add(resource, mode: "match", search) }
        for resource in related { try bundle.add(resource, mode: "include", search) }
        if !search.ignored.isEmpty { bundle.addIgnored(search.ignored) }
        return self.shown(shown + related, body: bundle.finished(), looked: looked)
    }

    /// The page of what is shown, and in the Bundle how to go on.
    private func page(
        of all: [ShownResource], _ count: Int, _ bundle: inout BundleWriter
    ) throws(StoreError) -> Range<Int> {
        let start = try store.start(of: page, among: all)
        let end = min(all.count, start + count)
        let first = page?.total ?? all.count
        if first != all.count { bundle.addMoved(from: first, to: all.count) }
        if end < all.count, end > start {
            bundle.nextLink = try link(
                page: PageLink(
                    position: decided.answer.position, offset: end, total: first,
                    last: store.pageKey(all[end - 1].reference)))
        }
        return start..<end
    }

    func link(page: PageLink?) throws(StoreError) -> String {
        let url = request.base + "/" + request.query
        guard let page else { return url }
        // Of another time the answer was decided later than what it was decided for.
        let instant = decided.draft.point.isFinal ? try store.clock() : decided.draft.point.instant
        return url + (request.query.contains("?") ? "&" : "?") + "_page="
            + store.pageText(page, of: request, from: instant)
    }

    private func sort(
        _ found: inout [(resource: ShownResource, document: JSONCursor)], by keys: [ResourceSearch.Sort],
        _ type: String,
        _ calendar: StoreCalendar
    ) {
        for key in keys.reversed() {
            // Stable: what is equal stays in the view's order.
            let ranked = found.enumerated().map { index, entry in
                (index, Self.rank(entry.resource, entry.document, key.name, type, calendar), entry)
            }
            found = ranked.sorted { a, b in
                if a.1 == b.1 { return a.0 < b.0 }
                // Without a value last, either way.
                guard let x = a.1 else { return false }
                guard let y = b.1 else { return true }
                return key.isDescending ? x > y : x < y
            }.map(\.2)
        }
    }

    private enum Rank: Comparable {
        case number(Int64)
        case text(String)
    }

    private static func rank(
        _ resource: ShownResource, _ document: JSONCursor, _ name: String, _ type: String,
        _ calendar: StoreCalendar
    ) -> Rank? {
        switch name {
        case "_id": return .text(resource.id)
        case "_lastUpdated": return .number(resource.recordedAt.microseconds)
        default: break
        }
        guard let parameter = SearchParameters.named(name, of: type) else { return nil }
        let values = parameter.paths.flatMap { FHIRPaths.values(document, $0) }
        if parameter.kind == .date {
            return values.compactMap { DateRange($0, calendar)?.first.microseconds }.min().map { .number($0) }
        }
        return values.flatMap(TokenValue.all).compactMap(\.code).min().map { .text($0) }
    }

    /// What matches refer to, and what refers to them: of this patient, shown, and within the token's scopes.
    private func included(
        _ search: ResourceSearch, _ matches: [(resource: ShownResource, document: JSONCursor)]
    ) throws(StoreError) -> [ShownResource] {
        guard !search.include.isEmpty || !search.revinclude.isEmpty else { return [] }
        let matched = Set(matches.map(\.resource.reference))
        var wanted: Set<String> = []
        for include in search.include {
            for (resource, document) in matches {
                for reference in Self.references(resource, document, include) {
                    if let target = include.target, !reference.hasPrefix(target + "/") { continue }
                    wanted.insert(reference)
                }
            }
        }
        for include in search.revinclude {
            for resource in resources where include.type == "*" || resource.type == include.type {
                let document = try StoredJSON.document(resource.content, of: resource.reference)
                let references = Self.references(resource, document.root, include)
                if references.contains(where: { matched.contains($0) }) { wanted.insert(resource.reference) }
            }
        }
        var found = resources.filter {
            wanted.contains($0.reference) && !matched.contains($0.reference) && may($0.type)
        }
        // Asked for by name alone: everything has one.
        if search.revinclude.contains(where: { $0.type == "Provenance" }), may("Provenance") {
            found += try provenances(of: matches.map(\.resource) + found)
        }
        return found
    }

    private static func references(
        _ resource: ShownResource, _ document: JSONCursor, _ include: ResourceSearch.Include
    ) -> [String] {
        if include.type != "*", include.type != resource.type { return [] }
        let parameters = SearchParameters.of(resource.type).filter {
            $0.kind == .reference && (include.parameter == "*" || $0.name == include.parameter)
        }
        return parameters.flatMap(\.paths).flatMap { FHIRPaths.values(document, $0) }.compactMap {
            $0["reference"]?.string.map(FHIRPaths.unversioned)
        }
    }

    // MARK: Everything

    private func everything(_ query: EverythingQuery) throws(StoreError) -> Shown {
        let all = resources.filter { resource in
            may(resource.type) && (query.types.isEmpty || query.types.contains(resource.type))
                && query.since.map { resource.recordedAt >= $0 } ?? true
        }
        var bundle = BundleWriter(base: request.base, type: "searchset")
        bundle.selfLink = try link(page: page)
        bundle.total = all.count
        let shown = Array(all[try self.page(of: all, query.count, &bundle)])
        bundle.reserve(shown)
        for resource in shown { try bundle.add(resource, mode: "match") }
        return self.shown(shown, body: bundle.finished(), looked: all)
    }
}
