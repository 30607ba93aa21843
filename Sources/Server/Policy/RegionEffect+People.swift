import CareRecord
import Wire

extension RegionEffect {
    static func profile(
        from old: RoleProfile?, to new: RoleProfile?, _ days: RegionDays
    ) -> RegionEffect {
        func words(_ profile: RoleProfile) -> String { "the role \(profile.code) at \(profile.org)" }
        let user = (new ?? old)?.user ?? ""
        var effect = RegionEffect("user \(user)")
        guard let old, let new, old.code == new.code, old.org == new.org else {
            effect.gains = new.map { [words($0)] } ?? []
            effect.loses = old.map { [words($0)] } ?? []
            return effect
        }
        let groups = (Set(old.workgroups), Set(new.workgroups))
        let (longer, shorter) = days.periods((old.from, old.to), (new.from, new.to))
        effect.gains =
            groups.1.subtracting(groups.0).sorted().map { "what the workgroup \($0) of \(new.org) sees" }
            + longer.map { "\(words(new)) \($0)" }
        effect.loses =
            groups.0.subtracting(groups.1).sorted().map { "what the workgroup \($0) of \(new.org) sees" }
            + shorter.map { "\(words(new)) \($0)" }
        return effect
    }

    /// Without a licence nobody sees anything; the role that goes with it is told beside it.
    static func licence(
        from old: LicenceAssignment?, to new: LicenceAssignment?, _ days: RegionDays
    ) -> RegionEffect {
        let what = "a licence of \((new ?? old)?.ods ?? "")'s pool"
        var effect = RegionEffect("user \((new ?? old)?.user ?? "")")
        guard let old, let new else {
            if new == nil { effect.loses = [what] } else { effect.gains = [what] }
            return effect
        }
        let (longer, shorter) = days.periods((old.from, nil), (new.from, nil))
        effect.gains = longer.map { "\(what) \($0)" }
        effect.loses = shorter.map { "\(what) \($0)" }
        return effect
    }

    /// A review of accesses: of the region, or of one's own organisation alone.
    static func reach(_ user: String, from old: UserDetails.Scope?, to new: UserDetails.Scope?)
        -> RegionEffect
    {
        let what = "accesses by users, and to items, of every organisation"
        if old == new { return RegionEffect("user \(user)") }
        return new == nil
            ? RegionEffect("user \(user)", loses: [what]) : RegionEffect("user \(user)", gains: [what])
    }

    static func signed(
        _ charter: CharterSignature, _ before: RegionDeclaration, _ days: RegionDays
    ) -> RegionEffect {
        let who = "organisation \(charter.ods)"
        guard let old = before.charters[charter.ods] else {
            return RegionEffect(who, gains: ["what agreements share with it"])
        }
        let (longer, shorter) = days.periods((old, nil), (charter.from, nil))
        return RegionEffect(
            who, gains: longer.map { "what agreements share with it, \($0)" },
            loses: shorter.map { "what agreements share with it, \($0)" })
    }

    static func closed(_ closure: OrganisationClosure, _ before: RegionDeclaration) -> [RegionEffect] {
        let old = before.closures[closure.ods]
        var out = old == nil ? [RegionEffect("organisation \(closure.ods)", loses: ["all sight"])] : []
        for successor in closure.successors where !(old?.successors.contains(successor) ?? false) {
            let what = successor.subjects.map { "of \($0.count) subjects" } ?? "that no other successor takes"
            out.append(
                RegionEffect(
                    "organisation \(successor.ods)", gains: ["\(closure.ods)'s items \(what), as its own"]))
        }
        for successor in old?.successors ?? [] where !closure.successors.contains(successor) {
            out.append(
                RegionEffect("organisation \(successor.ods)", loses: ["\(closure.ods)'s items, as its own"]))
        }
        return out
    }

    static func opened(_ details: OrganisationDetails, _ before: RegionDeclaration) -> [RegionEffect] {
        guard let closure = before.closures[details.ods] else { return [] }
        return [
            RegionEffect("organisation \(details.ods)", gains: ["its own items, and its users their sight"])
        ]
            + closure.successors.map {
                RegionEffect("organisation \($0.ods)", loses: ["\(details.ods)'s items, as its own"])
            }
    }

    static func changed(_ details: OrganisationDetails, _ before: RegionDeclaration) -> RegionEffect {
        let old = before.organisations[details.ods]?.kind
        let who = "organisation \(details.ods)"
        let what = ["what agreements share with all: a commissioner is not among them"]
        if old == .commissioner, details.kind != .commissioner { return RegionEffect(who, gains: what) }
        if old != .commissioner, details.kind == .commissioner { return RegionEffect(who, loses: what) }
        return RegionEffect(who)
    }

    /// Narrative of other organisations' items, while any set withholds it.
    static func narrative(
        _ set: String, from old: ExclusionSet.Narrative, to new: ExclusionSet.Narrative
    ) -> RegionEffect {
        let what = "narrative of other organisations' items (exclusion set \(set))"
        if old == new { return RegionEffect("everyone") }
        return new == .keep
            ? RegionEffect("everyone", gains: [what]) : RegionEffect("everyone", loses: [what])
    }
}
