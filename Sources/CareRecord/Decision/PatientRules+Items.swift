import Wire

extension PatientRules {
    /// How seals and labels name an item: the source's ODS code, a space, `Type/id`.
    static func name(_ organisation: String?, _ item: String) -> String { "\(organisation ?? "") \(item)" }

    /// Seals in force, of whole categories and of items by name, less those that the viewer's own workgroup applied.
    func seals(_ profile: RoleProfile) -> Seals {
        var out = Seals()
        for entry in inForce(.sealApplied) where !profile.isAuthor(of: entries[entry.index].fact) {
            let seal = Seal(position: entry.position, isLocked: entries[entry.index].fact.locked)
            if let item = entries[entry.index].fact.item {
                out.items[Self.name(entries[entry.index].fact.org, item), default: []].append(seal)
            } else {
                out.categories.append((entries[entry.index].fact.categories, seal))
            }
        }
        return out
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
