import CareRecord
import Wire

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

    /// - Returns: none for a fact that moves nobody's sight: names, the size of pools, feeds.
    static func effects(of fact: RegionFact, before: RegionDeclaration) -> [RegionEffect] {
        let days = RegionDays(before)
        let found: [RegionEffect]
        switch fact {
        case .agreementSigned(let terms), .agreementAmended(let terms):
            found = agreement(from: before.agreements[terms.id], to: terms, days)
        case .agreementSuspended(let end), .agreementEnded(let end):
            found = agreement(from: before.agreements[end.id], to: nil, days)
        case .agreementResumed(let end): found = agreement(from: nil, to: before.agreements[end.id], days)
        case .roleBaseline(let role): found = [baseline(role.code, from: before.roles[role.code], to: role)]
        case .roleWithdrawn(let end): found = [baseline(end.id, from: before.roles[end.id], to: nil)]
        case .roleProfileAssigned(let profile):
            let key = RegionDeclaration.UserKey(user: profile.user, id: profile.id)
            found = [Self.profile(from: before.profiles[key], to: profile, days)]
        case .roleProfileRevoked(let end):
            let key = RegionDeclaration.UserKey(user: end.user ?? "", id: end.id)
            found = [before.profiles[key].map { Self.profile(from: $0, to: nil, days) } ?? RegionEffect("")]
        case .licenceAssigned(let licence):
            let key = RegionDeclaration.UserKey(user: licence.user, id: licence.ods)
            found = [Self.licence(from: before.licences[key], to: licence, days)]
        case .licenceReleased(let end):
            let key = RegionDeclaration.UserKey(user: end.user ?? "", id: end.id)
            found = before.licences[key].map { [Self.licence(from: $0, to: nil, days)] } ?? []
        case .userLeft(let end): found = [RegionEffect("user \(end.id)", loses: ["all sight"])]
        case .userChanged(let user):
            found = [reach(user.id, from: before.users[user.id]?.scope, to: user.scope)]
        case .userRegistered(let user): found = [reach(user.id, from: nil, to: user.scope)]
        case .charterSigned(let charter): found = [signed(charter, before, days)]
        case .charterEnded(let end):
            found = [RegionEffect("organisation \(end.id)", loses: ["what agreements share with it"])]
        case .organisationClosed(let closure): found = closed(closure, before)
        case .organisationOnboarded(let details): found = opened(details, before)
        case .organisationChanged(let details): found = [changed(details, before)]
        case .exclusionSetPublished(let set):
            let old = before.exclusions[set.id]
            found = [
                codes("exclusion set \(set.id)", from: old?.codes, to: set.codes),
                narrative(set.id, from: old?.narrative ?? .keep, to: set.narrative),
            ]
        case .exclusionSetEnded(let end):
            let old = before.exclusions[end.id]
            found = [
                codes("exclusion set \(end.id)", from: old?.codes, to: nil),
                narrative(end.id, from: old?.narrative ?? .keep, to: .keep),
            ]
        case .sensitivityPublished(let set):
            found = [codes("label \(set.label)", from: before.sensitivities[set.label]?.codes, to: set.codes)]
        case .clientRegistered(let client):
            found = [scopes(client.id, from: before.clients[client.id], to: client)]
        case .clientEnded(let end): found = [scopes(end.id, from: before.clients[end.id], to: nil)]
        case .sensitivityEnded(let end):
            found = [codes("label \(end.id)", from: before.sensitivities[end.id]?.codes, to: nil)]
        case .settings(let settings):
            found = before.settings.map { Self.settings(from: $0, to: settings) } ?? []
        default: found = []
        }
        return found.filter { !$0.gains.isEmpty || !$0.loses.isEmpty }
    }

    private static func agreement(
        from old: AgreementTerms?, to new: AgreementTerms?, _ days: RegionDays
    ) -> [RegionEffect] {
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
            if let had, let has {
                let (longer, shorter) = days.periods((had.from, had.to), (has.from, has.to))
                effect.gains += longer.map { "\(controller)'s items \($0)" }
                effect.loses += shorter.map { "\(controller)'s items \($0)" }
                // Signed anew, `all` looks to the charters of today.
                if recipient == "all" {
                    effect.gains.append(
                        "\(controller)'s items, where its charter was signed since (\(has.id))")
                }
            }
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

    private static func scopes(_ id: String, from old: ClientDetails?, to new: ClientDetails?) -> RegionEffect
    {
        func words(_ client: ClientDetails?) -> Set<String> {
            let own = client?.user.map { user in ["to act as \(user)"] } ?? []
            return Set((client?.scopes ?? []) + own)
        }
        return RegionEffect(
            "client \(id)", gains: words(new).subtracting(words(old)).sorted(),
            loses: words(old).subtracting(words(new)).sorted())
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
}
