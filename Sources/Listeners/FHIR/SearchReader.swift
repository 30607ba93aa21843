import CareRecord
import Server

/// Reads a search's parameters, by what the type has.
enum SearchReader {
    static func read(_ type: String, _ query: inout FHIRQuery) throws -> (AskedPatient, ResourceSearch) {
        let patient: AskedPatient
        var ids: [String] = []
        if type == "Patient", let asked = try patientOfPatient(&query) {
            patient = asked
            // Whoever is linked with them has another id.
            if case .id(let id) = asked { ids = [id] }
        } else if let asked = try query.patient(isSearch: true) {
            patient = asked
        } else {
            throw FHIRError.badRequest("\(type): name one patient, by patient or patient.identifier")
        }
        var search = ResourceSearch()
        search.count = try query.count()
        try results(&search, type, &query)
        if !ids.isEmpty { search.conditions.append(SearchCondition(.ids(ids))) }
        try conditions(&search, type, &query)
        let kept = ["_asof", "_case", "_page"]
        let held = query.take { kept.contains($0) }
        search.ignored = try query.ignoreRest()
        query.put(held)
        return (patient, search)
    }

    /// A Patient by its number, or its id.
    private static func patientOfPatient(_ query: inout FHIRQuery) throws -> AskedPatient? {
        let numbers = query.take { $0 == "identifier" }
        if let number = numbers.first?.value {
            guard numbers.count == 1 else { throw FHIRError.badRequest("identifier: give one") }
            return try FHIRQuery.searched(number)
        }
        guard let id = query.one("_id") else { return nil }
        guard FHIRNames.isID(id) else { throw FHIRError.badRequest("_id: one id") }
        return .id(id)
    }

    /// Parameters that a search is sorted by, at most: each is a sorting of all that is found.
    private static let maximumSorts = 8

    private static func results(
        _ search: inout ResourceSearch, _ type: String, _ query: inout FHIRQuery
    ) throws {
        if let text = query.one("_total") {
            guard let total = ResourceSearch.Total(rawValue: text) else {
                throw FHIRError.badRequest("_total: none, estimate or accurate")
            }
            search.total = total
        }
        if let text = query.one("_summary") {
            guard let summary = ResourceSearch.Summary(rawValue: text) else {
                throw FHIRError.badRequest("_summary: true, text, data, count or false")
            }
            search.summary = summary
        }
        search.elements = query.list("_elements")
        var sorted: Set<Substring> = []
        for name in query.list("_sort") {
            // By the same again nothing is moved.
            guard sorted.insert(name.drop { $0 == "-" }).inserted else { continue }
            guard search.sort.count < maximumSorts else {
                throw FHIRError.badRequest("_sort: at most \(maximumSorts) parameters")
            }
            let isDescending = name.hasPrefix("-")
            let bare = isDescending ? String(name.dropFirst()) : name
            let kind = SearchParameters.named(bare, of: type)?.kind
            guard ["_id", "_lastUpdated"].contains(bare) || (kind != nil && kind != .reference) else {
                throw FHIRError.badRequest("_sort: \(type) is not sorted by \(bare.prefix(64))")
            }
            search.sort.append(.init(name: bare, isDescending: isDescending))
        }
        search.include = try includes("_include", &query)
        search.revinclude = try includes("_revinclude", &query)
    }

    private static func includes(_ name: String, _ query: inout FHIRQuery) throws -> [ResourceSearch.Include]
    {
        try query.take { $0 == name }.map { entry in
            guard let include = ResourceSearch.Include(entry.value),
                include.type == "*" || include.parameter == "*"
                    || SearchParameters.named(include.parameter, of: include.type)?.kind == .reference
            else { throw FHIRError.badRequest("\(name): TYPE:PARAMETER, a reference of that type") }
            return include
        }
    }

    private static func conditions(
        _ search: inout ResourceSearch, _ type: String, _ query: inout FHIRQuery
    ) throws {
        let names = Set(SearchParameters.of(type).map(\.name)).subtracting(["patient"])
        let taken = query.take { name in
            let bare = name.split(separator: ":").first.map(String.init) ?? name
            return ["_id", "_lastUpdated"].contains(bare) || names.contains(bare)
        }
        for (name, value) in taken {
            let parts = name.split(separator: ":", maxSplits: 1).map(String.init)
            let modifier = parts.count > 1 ? parts[1] : nil
            let values = value.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard !values.contains(""), values.count <= 100 else {
                throw FHIRError.badRequest("\(parts[0]): no value")
            }
            search.conditions.append(SearchCondition(try wanted(parts[0], modifier, values, type, query)))
        }
    }

    private static func wanted(
        _ name: String, _ modifier: String?, _ values: [String], _ type: String, _ query: FHIRQuery
    ) throws -> SearchCondition.Wanted {
        func refuse() -> FHIRError { FHIRError.badRequest("\(name): the modifier is not taken here") }
        func dates() throws -> [DateComparison] {
            try values.map { text in
                guard let comparison = DateComparison(text, query.calendar) else {
                    throw FHIRError.badRequest("\(name): not a date")
                }
                return comparison
            }
        }
        if name == "_id" || name == "_lastUpdated" {
            guard modifier == nil else { throw refuse() }
            return name == "_id" ? .ids(values) : .lastUpdated(try dates())
        }
        guard let parameter = SearchParameters.named(name, of: type) else { throw refuse() }
        switch parameter.kind {
        case .token:
            guard modifier == nil || modifier == "not" else { throw refuse() }
            return .tokens(
                values.map { TokenValue(search: $0) }, paths: parameter.paths, isNot: modifier == "not")
        case .date:
            guard modifier == nil else { throw refuse() }
            return .dates(try dates(), paths: parameter.paths)
        case .reference:
            guard modifier == nil || FHIRNames.isID(modifier ?? "") else { throw refuse() }
            guard !values.contains(where: { $0.contains("://") }) else {
                throw FHIRError.badRequest("\(name): Type/id, or an id")
            }
            return .references(values.map { v in modifier.map { "\($0)/\(v)" } ?? v }, paths: parameter.paths)
        }
    }
}
