import Hummingbird
import Server

/// What an address under `/fhir` asks to read, whether it came as a request of its own or in a batch.
enum ReadAddress {
    case search(type: String)
    case typeHistory(type: String)
    case read(type: String, id: String)
    case history(type: String, id: String)
    case version(type: String, id: String, version: String)
    case everything(type: String, id: String)

    /// - Parameter path: what follows `/fhir/`, taken apart.
    /// - Returns: nil where nothing is read there.
    init?(_ path: [String]) {
        switch (path.count, path.last) {
        case (1, _): self = .search(type: path[0])
        case (2, "_history"): self = .typeHistory(type: path[0])
        case (2, _): self = .read(type: path[0], id: path[1])
        case (3, "_history"): self = .history(type: path[0], id: path[1])
        case (3, "$everything"): self = .everything(type: path[0], id: path[1])
        case (4, _) where path[2] == "_history":
            self = .version(type: path[0], id: path[1], version: path[3])
        default: return nil
        }
    }

    /// One resource: with a version of its own, and conditional.
    var isOne: Bool {
        switch self {
        case .read, .version: true
        default: false
        }
    }

    enum Question: Sendable {
        case resources(ResourceRequest)
        /// A patient before any relationship, by who they are.
        case patients(FindRequest)
        /// Who looked at whom: no part of any patient's record.
        case trail(TrailQuery)
    }

    /// The question, with what every one may carry: whom it is about, as of when, which page.
    ///
    /// - Throws: `FHIRError` for one that is none.
    func question(_ query: FHIRQuery, _ caller: Caller, base: String) throws -> Question {
        var query = query
        if let trail = try TrailQueryReader.read(self, &query, caller, base: base) { return .trail(trail) }
        let what: ResourceQuestion
        let path: String
        var patient: AskedPatient?
        switch self {
        case .search(let type):
            _ = try FHIRNames.checked(type: type)
            path = query.path(type)
            if type == "Patient", let find = try PatientFinder.read(&query, caller, base: base, path) {
                return .patients(find)
            }
            let (asked, search) = try SearchReader.read(type, &query)
            (what, patient) = (.search(type: type, search), asked)
        case .typeHistory(let type):
            _ = try FHIRNames.checked(type: type)
            path = query.path("\(type)/_history")
            what = .history(type: type, id: nil, try Self.history(&query))
            patient = try query.patient()
            guard patient != nil else { throw FHIRError.badRequest("\(type)/_history: name the patient") }
        case .read(let type, let id):
            path = query.path(try Self.checked(type, id))
            what = .read(type: type, id: id)
            patient = try query.patient()
        case .history(let type, let id):
            path = query.path(try Self.checked(type, id) + "/_history")
            what = .history(type: type, id: id, try Self.history(&query))
            patient = try query.patient()
        case .version(let type, let id, let text):
            path = query.path(try Self.checked(type, id) + "/_history/" + text)
            guard let version = UInt64(text) else { throw FHIRError.notFound }
            what = .version(type: type, id: id, version: version)
            patient = try query.patient()
        case .everything(let type, let id):
            // One route for every type: a literal one beside it would hide the others from Patient.
            path = query.path(try Self.checked(type, id) + "/$everything")
            guard type == "Patient" else { throw FHIRError.notFound }
            let types = query.list("_type")
            for type in types { _ = try FHIRNames.checked(type: type) }
            what = .everything(
                EverythingQuery(
                    types: types, since: try query.instant("_since"),
                    count: try query.count(usual: 1000, most: 5000)))
            patient = .id(id)
        }
        var asked = ResourceRequest(
            caller: caller, question: what, patient: patient, base: base, query: path)
        asked.asOf = try query.when("_asof")
        asked.caseReference = query.one("_case")
        guard asked.caseReference == nil || asked.asOf != nil else {
            throw FHIRError.badRequest("_case: the case under which another time is looked at, with _asof")
        }
        asked.page = query.one("_page")
        try query.finish()
        return .resources(asked)
    }

    private static func checked(_ type: String, _ id: String) throws -> String {
        _ = try FHIRNames.checked(type: type)
        guard FHIRNames.isID(id) else { throw FHIRError.notFound }
        return "\(type)/\(id)"
    }

    private static func history(_ query: inout FHIRQuery) throws -> HistoryQuery {
        HistoryQuery(
            since: try query.instant("_since"), at: try query.period("_at"), count: try query.count())
    }
}
