/// Whether a viewer admitted may see an item, by DOMAIN's order of rules.
struct ItemDecision {
    let region: RegionAsOf
    let viewer: ViewerDecision.Viewer
    let rules: PatientRulesAsOf
    /// A search comes before relationship and permission, and no override widens it.
    var isFinding = false

    private var ods: String { viewer.profile.organisation }

    /// The category it is decided under, the verdict, and the `once` permissions it would spend.
    func decide(_ item: HeldItem, among held: [HeldItem]) -> (String, Verdict, spent: [UInt64]) {
        if let category = item.category {
            let (verdict, spent) = decide(item, under: category)
            return (category, verdict, spent)
        }
        // What is gone is neither cited nor about anything any more.
        let about = item.operation == .upsert ? held.filter { $0.category != nil && item.follows($0) } : []
        var withheld: (String, Verdict, [UInt64])?
        var shown: (String, Verdict, [UInt64])?
        for other in about.sorted(by: HeldItem.precedes) {
            guard let category = other.category else { continue }
            let (verdict, _) = decide(other, under: category)
            if verdict.permit {
                let (own, spent) = decide(item, under: category)
                if own.permit, shown == nil { shown = (category, own, spent) }
                if !own.permit, withheld == nil, !item.isProvenance { withheld = (category, own, []) }
            } else if withheld.map({ $0.1.permit }) ?? true {
                withheld = (category, verdict, [])
            }
        }
        if about.isEmpty {
            let (verdict, spent) = decide(item, under: "other")
            return ("other", verdict, spent)
        }
        // A Provenance is shown with all that it is about, anything else with any that cites it.
        if item.isProvenance, let withheld { return withheld }
        return shown ?? withheld ?? ("other", .withhold("category", [UInt64]()), [])
    }

    func decide(_ item: HeldItem, under category: String) -> (Verdict, [UInt64]) {
        let (verdict, spent) = judged(item, category)
        guard !verdict.permit, isHidden(item, category) else { return (verdict, spent) }
        return (verdict.telling("nothing"), spent)
    }

    /// A locked seal, or an exclusion set, hides that there is anything, whatever else would withhold it.
    private func isHidden(_ item: HeldItem, _ category: String) -> Bool {
        if rules.seals(of: item, category).contains(where: \.locked) { return true }
        guard region.controller(of: item.subject).ods != ods else { return false }
        return region.spec.exclusions.contains { meets($0, item) }
    }

    private func judged(_ item: HeldItem, _ category: String) -> (Verdict, [UInt64]) {
        let (controller, split) = region.controller(of: item.subject)
        guard let controller else { return (.withhold("agreement", [split]), []) }
        let own = controller == ods
        var basis: [UInt64?] = [viewer.profileFact]
        if !own {
            let (agreement, over) = region.agreement(
                controller: controller, recipient: ods, category: category, purpose: viewer.purpose)
            guard let agreement else { return (.withhold("agreement", over), []) }
            basis.append(agreement)
        }
        guard viewer.sees(category) else {
            return (.withhold("category", [viewer.profileFact, viewer.roleFact]), [])
        }
        let sets = own ? [] : region.spec.exclusions.filter { meets($0, item) }
        if !sets.isEmpty {
            return (
                .withhold("exclusion-set", sets.map { region.begunPosition("exclusion/\($0.name)") }), []
            )
        }
        var overridden: [UInt64] = []
        var spent: [UInt64] = []
        for (verdict, spends) in sharing(item, category, own: own) {
            if verdict.permit {
                basis += verdict.basis.map(Optional.some)
                spent += spends
            } else if let passing = passing(verdict.rule) {
                overridden.append(passing)
            } else {
                return (verdict, [])
            }
        }
        if let hidden = hiding(item, category, &overridden) { return (hidden, []) }
        var shown = Verdict.permit(
            !overridden.isEmpty ? "override" : own ? "own-organisation" : "agreement",
            basis + overridden.map(Optional.some))
        if !own, region.spec.exclusions.contains(where: \.withholdsNarrative) {
            shown.without = ["narrative"]
        }
        if rules.isLocationHidden { shown.without.append("location") }
        return (shown, spent)
    }

    private func passing(_ rule: String) -> UInt64? {
        isFinding ? nil : rules.overrides.first { $0.passes.contains(rule) }?.position
    }

    /// Dissent, objection and directive, relationship, permission: what each says, of those that are asked.
    private func sharing(_ item: HeldItem, _ category: String, own: Bool) -> [(Verdict, spends: [UInt64])] {
        var said: [(Verdict, [UInt64])] = []
        if !own {
            if !rules.dissents.isEmpty { said.append((.withhold("dissent", rules.dissents), [])) }
            if !rules.objections.isEmpty { said.append((.withhold("objection", rules.objections), [])) }
            if let denial = rules.denial(of: item, category) {
                said.append((.withhold("directive", [denial]), []))
            }
        }
        if isFinding { return said }
        said.append((rules.relationship, []))
        if !own, region.spec.consentModel == "permission-to-view" {
            let (permission, spends) = rules.permission(for: item.subject)
            said.append((permission, [spends].compactMap { $0 }))
        }
        return said
    }

    /// Label, seal, shield: what every item is held to, the viewer's own organisation's too.
    private func hiding(_ item: HeldItem, _ category: String, _ overridden: inout [UInt64]) -> Verdict? {
        let sets = region.spec.sensitivities.filter {
            !viewer.role.labels.contains($0.name) && meets($0, item)
        }
        let labels =
            sets.map { region.begunPosition("sensitivity/\($0.name)") }
            + rules.labels(of: item).map(Optional.some)
        if !labels.isEmpty {
            guard let passing = passing("label") else { return .withhold("label", labels) }
            overridden.append(passing)
        }
        let seals = rules.seals(of: item, category)
        let locked = seals.filter(\.locked).map(\.position)
        if let passing = passing("seal"), !seals.isEmpty {
            if !locked.isEmpty { return .withhold("seal", locked) }
            overridden.append(passing)
        } else if !seals.isEmpty {
            return .withhold("seal", seals.map(\.position)).telling(
                locked.isEmpty ? "sealed item" : "nothing")
        }
        let isPlace =
            ["gp-practice", "next-of-kin"].contains(category)
            || ["Organization", "Location", "PractitionerRole"].contains(item.type)
        if rules.isLocationHidden, isPlace { return .withhold("shield", rules.shields) }
        return nil
    }

    private func meets(_ set: RegionSpec.CodeSet, _ item: HeldItem) -> Bool {
        item.codes.contains { $0.system == set.system && $0.codes.contains { region.spec.isIn(set, $0) } }
    }
}

extension Verdict {
    static func withhold(_ rule: String, _ basis: [UInt64]) -> Verdict {
        withhold(rule, basis.map(Optional.some))
    }
}
