import Wire

extension PatientRules {
    /// How seals and labels name an item: the source's ODS code, a space, `Type/id`.
    static func name(_ organisation: String?, _ item: String) -> String { "\(organisation ?? "") \(item)" }

    /// Seals in force: of whole categories, and of items by name.
    var seals: (categories: [(categories: CategorySet, position: Position)], items: [String: [Position]]) {
        var whole: [(categories: CategorySet, position: Position)] = []
        var items: [String: [Position]] = [:]
        for entry in inForce(.sealApplied) {
            if let item = entries[entry.index].fact.item {
                items[Self.name(entries[entry.index].fact.org, item), default: []].append(entry.position)
            } else {
                whole.append((entries[entry.index].fact.categories, entry.position))
            }
        }
        return (whole, items)
    }

    /// By the item's name, the facts that gave it a label the role lacks.
    func itemLabels(lackedBy labels: [String]) -> [String: [Position]] {
        var out: [String: [Position]] = [:]
        for entry in inForce(.itemLabelled) {
            guard let item = entries[entry.index].fact.item, let label = entries[entry.index].fact.label,
                !labels.contains(label)
            else { continue }
            out[Self.name(entries[entry.index].fact.org, item), default: []].append(entry.position)
        }
        return out
    }
}
