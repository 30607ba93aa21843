import CareRecord

/// Who gains and who loses sight of what by a region file, against the policy before it: what a dry run lists.
///
/// It tells what the file says, not whom it reaches today: a role gains a category even where no agreement shares it yet.
public struct RegionEffect: Hashable, Sendable {
    /// An organisation, a role, a user, or everyone.
    public var who: String
    public var gains: [String]
    public var loses: [String]

    init(_ who: String, gains: [String] = [], loses: [String] = []) {
        (self.who, self.gains, self.loses) = (who, gains, loses)
    }

    /// - Returns: none for a fact that moves nobody's sight: names, pools, feeds.
    static func effects(of fact: RegionFact, before: RegionDeclaration) -> [RegionEffect] {
        let found: [RegionEffect]
        switch fact {
        case .agreementSigned(let terms), .agreementAmended(let terms):
            found = agreement(from: before.agreements[terms.id], to: terms)
        case .agreementSuspended(let end), .agreementEnded(let end):
            found = agreement(from: before.agreements[end.id], to: nil)
        case .agreementResumed(let end): found = agreement(from: nil, to: before.agreements[end.id])
        case .roleBaseline(let role): found = [baseline(role.code, from: before.roles[role.code], to: role)]
        case .roleWithdrawn(let end): found = [baseline(end.id, from: before.roles[end.id], to: nil)]
        case .roleProfileAssigned(let profile):
            found = [
                RegionEffect("user \(profile.user)", gains: ["the role \(profile.code) at \(profile.org)"])
            ]
        case .roleProfileRevoked(let end):
            found = [RegionEffect("user \(end.user ?? "")", loses: ["the role profile \(end.id)"])]
        case .userLeft(let end): found = [RegionEffect("user \(end.id)", loses: ["all sight"])]
        case .charterEnded(let end):
            found = [RegionEffect("organisation \(end.id)", loses: ["what agreements share with it"])]
        case .organisationClosed(let closure):
            found = [RegionEffect("organisation \(closure.ods)", loses: ["all sight"])]
        case .exclusionSetPublished(let set):
            found = [codes("exclusion set \(set.id)", from: before.exclusions[set.id]?.codes, to: set.codes)]
        case .exclusionSetEnded(let end):
            found = [codes("exclusion set \(end.id)", from: before.exclusions[end.id]?.codes, to: nil)]
        case .sensitivityPublished(let set):
            found = [codes("label \(set.label)", from: before.sensitivities[set.label]?.codes, to: set.codes)]
        case .sensitivityEnded(let end):
            found = [codes("label \(end.id)", from: before.sensitivities[end.id]?.codes, to: nil)]
        case .settings(let settings):
            found = [consent(from: before.settings?.consentModel, to: settings.consentModel)]
        default: found = []
        }
        return found.filter { !$0.gains.isEmpty || !$0.loses.isEmpty }
    }

    private static func agreement(from old: AgreementTerms?, to new: AgreementTerms?) -> [RegionEffect] {
        let (before, after) = (Set(old?.recipients ?? []), Set(new?.recipients ?? []))
        var out: [RegionEffect] = []
        for recipient in before.union(after).sorted() {
            let had = before.contains(recipient) ? old : nil
            let has = after.contains(recipient) ? new : nil
            let categories = (had?.categories ?? [], has?.categories ?? [])
            let purposes = (Set(had?.purposes ?? []), Set(has?.purposes ?? []))
            let controller = (new ?? old)?.controller ?? ""
            var effect = RegionEffect(recipient == "all" ? "every organisation" : "organisation \(recipient)")
            func say(_ set: CategorySet, _ extra: Set<String>) -> [String] {
                let items = set.isEmpty ? [] : ["\(controller)'s \(set.names.joined(separator: ", "))"]
                // Purposes that come with the first category are part of it; later ones are a change of their own.
                let isNew = had == nil || has == nil
                return items + (isNew ? [] : extra.sorted().map { "\(controller)'s items for \($0)" })
            }
            effect.gains = say(categories.1.subtracting(categories.0), purposes.1.subtracting(purposes.0))
            effect.loses = say(categories.0.subtracting(categories.1), purposes.0.subtracting(purposes.1))
            out.append(effect)
        }
        return out
    }

    private static func baseline(_ code: String, from old: RoleBaseline?, to new: RoleBaseline?)
        -> RegionEffect
    {
        func words(_ a: RoleBaseline?, without b: RoleBaseline?) -> [String] {
            let categories = (a?.categories ?? []).subtracting(b?.categories ?? []).categories.map(\.name)
            let labels = Set(a?.labels ?? []).subtracting(b?.labels ?? []).sorted().map { "label \($0)" }
            let activities = Set(a?.activities ?? []).subtracting(b?.activities ?? []).sorted().map {
                "to \($0)"
            }
            return categories + labels + activities
        }
        return RegionEffect("role \(code)", gains: words(new, without: old), loses: words(old, without: new))
    }

    /// More codes excluded or labelled: fewer items to see.
    private static func codes(_ name: String, from old: [CodeList]?, to new: [CodeList]?) -> RegionEffect {
        let before = Set((old ?? []).flatMap(\.codings))
        let after = Set((new ?? []).flatMap(\.codings))
        func say(_ codes: Set<Coding>) -> [String] {
            codes.isEmpty
                ? [] : ["items coded " + codes.map(\.code).sorted().joined(separator: ", ") + " (\(name))"]
        }
        return RegionEffect(
            "everyone", gains: say(before.subtracting(after)), loses: say(after.subtracting(before)))
    }

    private static func consent(from old: ConsentModel?, to new: ConsentModel) -> RegionEffect {
        guard let old, old != new else { return RegionEffect("everyone") }
        let what = "what only a patient's permission opened"
        return new == .implied
            ? RegionEffect("everyone", gains: [what]) : RegionEffect("everyone", loses: [what])
    }
}
