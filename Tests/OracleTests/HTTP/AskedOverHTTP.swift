import Wire

/// One search over HTTP, or a read of one resource, and what it was answered.
struct AskedOverHTTP: Sendable {
    var question: Question
    var type: String
    /// Of a read: which resource.
    var id: String?
    var status: Int
    /// `Daybook-Position` and `Daybook-Receipt`.
    var position: UInt64
    var receipt: UInt64
    var body: [UInt8]

    /// Types that are asked for: what the generator makes, but for what Daybook makes of the log itself.
    static let types = [
        "Observation", "Condition", "DiagnosticReport", "Patient", "Encounter", "Flag", "Specimen",
        "Practitioner",
        "Location", "AllergyIntolerance", "MedicationStatement", "CarePlan",
    ]

    /// A resource of the answer: `id`, its version, and what it says but for version and time.
    struct Shown: Equatable, Comparable {
        var id: String
        var version: UInt64
        var resource: JSONTree?

        static func < (a: Shown, b: Shown) -> Bool { (a.version, a.id) < (b.version, b.id) }
    }

    func shown() throws -> [Shown] {
        let answer = try JSONTree(parsing: body)
        let resources = id == nil ? (answer["entry"]?.elements ?? []).map { $0["resource"] } : [answer]
        return resources.compactMap { resource in
            guard let resource, resource["resourceType"]?.text == type else { return nil }
            return Shown(
                id: resource["id"]?.text ?? "none",
                version: resource["meta"]?["versionId"]?.text.flatMap { UInt64($0) } ?? 0,
                resource: Self.bare(resource))
        }.sorted()
    }

    var total: Int? {
        if id != nil { return status == 200 ? 1 : 0 }
        return (try? JSONTree(parsing: body))?["total"]?.integer
    }

    /// Without the version and time that a server puts into a resource.
    static func bare(_ resource: JSONTree) -> JSONTree {
        var out = resource
        guard var meta = out["meta"] else { return out }
        (meta["versionId"], meta["lastUpdated"]) = (nil, nil)
        out["meta"] = meta.members.isEmpty ? nil : meta
        return out
    }

    /// An id leads only to whom something of its source is shown, or who works there (decision 19).
    private func leads(to expected: ExpectedView, _ organisation: String?) -> Bool {
        guard case .subject(let name) = question.patient else { return true }
        return organisation == name.organisation
            || expected.items.contains { $0.source == name.organisation }
    }

    /// Patients of several sources whose ids are hidden cannot be told apart: their versions are those of what the oracle shows, the newest
    /// among them.
    private func hiddenPatients(_ expected: ExpectedView) throws -> String? {
        let positions = expected.items.filter { $0.type == type }.map(\.position)
        let versions = try shown().map(\.version)
        guard versions.allSatisfy(positions.contains),
            id == nil ? versions.max() == positions.max() : versions.count == 1
        else { return "shows Patients of \(versions), the oracle of \(positions)" }
        return total == versions.count ? nil : "a total of \(total ?? -1) for \(versions.count)"
    }

    /// - Parameter organisation: whoever asks works there.
    /// - Returns: how it differs from what the oracle says at its position; nil where it does not.
    func difference(from answer: ViewModel.Answer, organisation: String?) throws -> String? {
        guard case .view(let expected) = answer else {
            return status == 200 ? "answered, where the oracle says it is no question" : nil
        }
        let isAnonymous = expected.shield == "location-withheld"
        // One resource that is not shown is not there. Which one a hidden id names the oracle does not know.
        let isOneOfSome = id != nil && isAnonymous
        let isShown =
            id == nil || expected.items.contains { $0.type == type && (isAnonymous || $0.id == id) }
        let isAnswered = expected.outcome == "permit" && leads(to: expected, organisation) && isShown
        guard (status == 200) == isAnswered || (isOneOfSome && status != 200) else {
            return "status \(status), where the oracle says \(expected.outcome) \(expected.rule)"
        }
        guard status == 200 else { return nil }
        if isAnonymous, type == "Patient" { return try hiddenPatients(expected) }
        var wanted: [String: Shown] = [:]
        for (index, item) in expected.items.enumerated()
        where item.type == type && (id == nil || isAnonymous || item.id == id) {
            // Parts of one Patient are one resource; of a shielded patient ids are hidden, and only how many there are is compared.
            let key = isAnonymous && type != "Patient" ? "\(index)" : item.id
            let version = max(item.position, wanted[key]?.version ?? 0)
            wanted[key] = Shown(
                id: item.id, version: version,
                resource: type == "Patient" || isAnonymous ? nil : item.resource.map(Self.bare))
        }
        let found = try shown().map { one in
            var one = one
            if type == "Patient" || isAnonymous { one.resource = nil }
            if isAnonymous { one.id = JSONTree.withAnyID(one.id) }
            return one
        }.sorted()
        let missed = wanted.values.sorted()
        if isOneOfSome {
            return found.count == 1 && missed.contains(found[0]) ? nil : "shows \(found), none of \(missed)"
        }
        if found != missed {
            return
                "shows \(found.map { "\($0.id) \($0.version)" }), the oracle \(missed.map { "\($0.id) \($0.version)" })"
                + (found.map(\.version) == missed.map(\.version)
                    ? zip(found, missed).filter { $0 != $1 }.map {
                        "\n\($0.resource?.text() ?? "")\n\($1.resource?.text() ?? "")"
                    }.joined() : "")
        }
        return total == found.count ? nil : "a total of \(total ?? -1) for \(found.count)"
    }
}
