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

    /// What is shown, and the view's items that it is made of.
    struct Shown {
        var body: [UInt8]
        var items: [ViewItem]
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
        isInContext = try store.isInContext(request.caller, decided.draft.patient)
    }

    /// Which resources, by `Type/id`, an answer can be made of: the others need not be put together.
    private static func needed(_ question: ResourceQuestion) -> (String) -> Bool {
        switch question {
        // Made of the others.
        case .read("Provenance", _), .search("Provenance", _), .read("Consent", _), .search("Consent", _):
            return { _ in true }
        case .read(let type, let id):
            let wanted = "\(type)/\(id)"
            return { $0 == wanted }
        case .search(let type, let search) where search.include.isEmpty && search.revinclude.isEmpty:
            let prefix = Array("\(type)/".utf8)
            return { $0.utf8.starts(with: prefix) }
        default: return { _ in true }
        }
    }

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

    private func read(_ type: String, _ id: String) throws -> Outcome {
        if let found = resources.first(where: { $0.type == type && $0.id == id }) {
            return .shown(
                Shown(
                    body: try found.bytes(), items: items([found]), version: found.position,
                    lastModified: found.recordedAt))
        }
        if let made = try made(type, id) {
            return .shown(
                Shown(
                    body: try made.bytes(), items: items([made]), version: made.position,
                    lastModified: made.recordedAt))
        }
        let isGone = decided.answer.tombstones.contains { $0.reference == "\(type)/\(id)" }
        return .refused(isGone ? .gone : .notFound)
    }

    func items(_ shown: [ShownResource]) -> [ViewItem] {
        shown.flatMap { $0.items.map { decided.draft.items[$0] } }
    }

    // MARK: Made of the log

    /// Resources of the type: those that sources sent, and those that are made of what the log says.
    private func all(_ type: String) throws(StoreError) -> [ShownResource] {
        let sent = resources.filter { $0.type == type }
        switch type {
        case "Provenance": return sent + (try provenances(of: resources))
        case "Consent": return sent + PolicyConsents(decided: decided, resources: resources).all()
        default: return sent
        }
    }

    /// Where what is shown came from. Of a shielded patient the sources' names are withheld, and so is this.
    private func provenances(of shown: [ShownResource]) throws(StoreError) -> [ShownResource] {
        guard decided.context?.redactsLocation == false else { return [] }
        let maker = VersionProvenance(store: store)
        var out: [ShownResource] = []
        for resource in shown { if let made = try maker.resource(of: resource) { out.append(made) } }
        return out
    }

    private func made(_ type: String, _ id: String) throws -> ShownResource? {
        switch type {
        case "Consent":
            return PolicyConsents(decided: decided, resources: resources).all().first { $0.id == id }
        case "Provenance":
            guard let target = try VersionProvenance(store: store).target(of: id), may(target.type) else {
                return nil
            }
            // Of any version that may be seen.
            let versions = try history().shown(target.type, target.id)
            return try provenances(of: versions.filter { $0.position == target.position }).first
        default: return nil
        }
    }

    // MARK: Search

    private func searched(_ type: String, _ search: ResourceSearch) throws -> Shown {
        let calendar = decided.context?.calendar ?? .london
        var found: [(resource: ShownResource, document: JSONCursor)] = []
        for resource in try all(type) {
            let document = try StoredJSON.document(resource.content, of: resource.reference)
            if search.conditions.allSatisfy({ $0.holds(of: resource, document.root, calendar) }) {
                found.append((resource, document.root))
            }
        }
        sort(&found, by: search.sort, type, calendar)
        var bundle = BundleWriter(base: request.base, type: "searchset")
        bundle.selfLink = link(page: page)
        let total = found.count
        let matches = Array(found.dropFirst(page?.offset ?? 0).prefix(search.count))
        let isCount = search.count == 0 || search.summary == .count
        if search.total != .none || isCount { bundle.total = total }
        if isCount { return Shown(body: bundle.finished(), items: []) }
        let end = (page?.offset ?? 0) + matches.count
        if end < total {
            bundle.nextLink = link(page: PageLink(position: decided.answer.position, offset: end))
        }
        let shown = matches.map(\.resource)
        let related = try included(search, matches)
        for resource in shown { try bundle.add(resource, mode: "match", search) }
        for resource in related { try bundle.add(resource, mode: "include", search) }
        if !search.ignored.isEmpty { bundle.addIgnored(search.ignored) }
        return Shown(body: bundle.finished(), items: items(shown + related))
    }

    func link(page: PageLink?) -> String {
        let url = request.base + "/" + request.query
        guard let page else { return url }
        return url + (request.query.contains("?") ? "&" : "?") + "_page="
            + store.pageText(page, of: request, from: decided.draft.point.instant)
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
            $0["reference"]?.string
        }
    }

    // MARK: Everything

    private func everything(_ query: EverythingQuery) throws(StoreError) -> Shown {
        let all = resources.filter { resource in
            may(resource.type) && (query.types.isEmpty || query.types.contains(resource.type))
                && query.since.map { resource.recordedAt >= $0 } ?? true
        }
        let shown = Array(all.dropFirst(page?.offset ?? 0).prefix(query.count))
        var bundle = BundleWriter(base: request.base, type: "searchset")
        bundle.selfLink = link(page: page)
        bundle.total = all.count
        let end = (page?.offset ?? 0) + shown.count
        if end < all.count {
            bundle.nextLink = link(page: PageLink(position: decided.answer.position, offset: end))
        }
        bundle.reserve(shown)
        for resource in shown { try bundle.add(resource, mode: "match") }
        return Shown(body: bundle.finished(), items: items(shown))
    }
}
