/// One item of a patient's record as held at a position, before any policy.
struct HeldItem {
    static let categoryOrder = [
        "demographics", "gp-practice", "next-of-kin", "diagnoses", "medications", "allergies", "alerts",
        "blood-tests", "pathology", "imaging", "observations", "encounters", "appointments", "documents",
        "procedures", "immunisations", "care-preferences", "social-care", "other",
    ]

    var subject: SubjectName
    var type: String
    var localID: String
    /// nil where it takes the category of what cites it, or of what it is about.
    var category: String?
    var position: UInt64
    /// Microseconds.
    var recorded: Int64
    var operation: MessageSpec.Operation
    var effective: String?
    var codes: [RegionSpec.CodeSet]
    /// As it must be shown; nil for a deletion.
    var resource: JSONTree?
    /// `Type/local id` of what it cites.
    var references: [String]

    var daybookID: String { HeldItem.daybookID(subject.organisation, type, localID) }
    var key: String { "\(type)/\(localID)" }
    var isProvenance: Bool { type == "Provenance" }

    /// Whether another item, held still, decides about this one, that has no category of its own.
    func follows(_ other: HeldItem) -> Bool {
        guard other.subject == subject, other.operation == .upsert else { return false }
        return isProvenance ? references.contains(other.key) : other.references.contains(key)
    }

    /// Category, then type, then id, then source, in byte order.
    static func precedes(_ a: HeldItem, _ b: HeldItem) -> Bool {
        let (left, right) = (rank(a.category ?? ""), rank(b.category ?? ""))
        if left != right { return left < right }
        let (first, second) = (
            Array("\(a.type)\u{0}\(a.daybookID)".utf8), Array("\(b.type)\u{0}\(b.daybookID)".utf8)
        )
        return first.lexicographicallyPrecedes(second)
    }

    static func daybookID(_ source: String, _ type: String, _ localID: String) -> String {
        "\(source).\(localID)"
    }

    static func rank(_ category: String) -> Int {
        categoryOrder.firstIndex(of: category) ?? categoryOrder.count
    }
}

/// What is held about a subject at a position, read afresh from the whole list of events (decision 4).
struct HeldRecord {
    private struct Version {
        var item: MessageSpec.Item
        var message: MessageSpec
        var asserted: Int64
        var position: UInt64
        var recorded: Int64
        var index: Int
    }

    let events: [LoggedEvent]

    func items(of subject: SubjectName) -> [HeldItem] {
        history(of: subject).values.compactMap(\.last).flatMap { Self.split($0, subject) }
    }

    /// A Patient in one piece.
    func wholeItems(of subject: SubjectName) -> [HeldItem] {
        history(of: subject).values.compactMap(\.last).map { Self.whole($0, subject) }
    }

    /// Every version of an item that was in force at some time, oldest first.
    func versionsInForce(_ key: String, of subject: SubjectName) -> [HeldItem] {
        (history(of: subject)[key] ?? []).compactMap { Self.split($0, subject).first }
    }

    /// Of each item the versions that came into force when they were recorded, oldest first.
    private func history(of subject: SubjectName) -> [String: [Version]] {
        var inForce: [String: [Version]] = [:]
        for event in events {
            guard case .update(let message, let about) = event.what, about == subject else { continue }
            for (index, item) in message.items.enumerated() {
                let stated = (item.updated ?? message.timestamp)?.microseconds ?? event.time
                var version = Version(
                    item: item, message: message, asserted: min(stated, event.time), position: event.position,
                    recorded: event.time, index: index)
                let key = "\(item.type)/\(item.localID)"
                if let old = inForce[key]?.last {
                    guard Self.supersedes(version, old) else { continue }
                    // What is deleted stays what it was: what hid it hides that it is gone.
                    if item.operation == .delete {
                        (version.item.category, version.item.codes) = (old.item.category, old.item.codes)
                    }
                }
                inForce[key, default: []].append(version)
            }
        }
        return inForce
    }

    private static func supersedes(_ new: Version, _ old: Version) -> Bool {
        if new.asserted != old.asserted { return new.asserted > old.asserted }
        if new.position != old.position { return new.position > old.position }
        return new.index > old.index
    }

    private static func whole(_ version: Version, _ subject: SubjectName) -> HeldItem {
        let item = version.item
        return HeldItem(
            subject: subject, type: item.type, localID: item.localID, category: item.category,
            position: version.position, recorded: version.recorded, operation: item.operation,
            effective: item.effective, codes: item.codes,
            resource: item.resource.map { rewritten($0, item, version.message, subject.organisation) },
            references: item.references)
    }

    private static func split(_ version: Version, _ subject: SubjectName) -> [HeldItem] {
        let item = version.item
        var whole = Self.whole(version, subject)
        guard item.type == "Patient", item.operation == .upsert, let resource = whole.resource else {
            return [whole]
        }
        var parts: [HeldItem] = []
        for (member, category) in [("generalPractitioner", "gp-practice"), ("contact", "next-of-kin")] {
            guard let value = resource[member] else { continue }
            var part = whole
            part.category = category
            part.resource = .object(
                ["resourceType": "Patient", "id": .string(whole.daybookID)]
            ).adding(member, value)
            part.references = category == "gp-practice" ? item.references : []
            parts.append(part)
            whole.resource?[member] = nil
        }
        whole.references = []
        return [whole] + parts
    }

    /// The resource with Daybook's id, and references that resolve in Daybook.
    static func rewritten(
        _ resource: JSONTree, _ item: MessageSpec.Item, _ message: MessageSpec, _ source: String
    ) -> JSONTree {
        var out = resource.mappingReferences { text in
            if let key = message.urls.first(where: { $0.value == text })?.key {
                return Self.prefixed(key, source)
            }
            if text.hasPrefix("#") || text.contains(":") { return text }
            return Self.prefixed(text, source)
        }
        out["id"] = .string(HeldItem.daybookID(source, item.type, item.localID))
        return out
    }

    private static func prefixed(_ reference: String, _ source: String) -> String {
        let parts = reference.split(separator: "/").map(String.init)
        return "\(parts[0])/\(HeldItem.daybookID(source, parts[0], parts[1]))"
    }
}
