import CareRecord

/// Which facts of a new region file let somebody see more than before: they need a second person's approval.
///
/// It errs on the side of asking: a fact that could widen access counts, whoever it would reach today.
enum RegionWidening {
    static func widening(_ facts: [RegionFact], after before: RegionDeclaration) -> [RegionFact] {
        facts.filter { widens($0, before) }
    }

    private static func widens(_ fact: RegionFact, _ before: RegionDeclaration) -> Bool {
        switch fact {
        case .agreementSigned, .agreementResumed, .userRegistered, .exclusionSetEnded, .sensitivityEnded,
            .organisationOnboarded, .clientRegistered:
            return true
        case .charterSigned(let charter):
            return before.charters[charter.ods].map { charter.from < $0 } ?? true
        case .roleProfileAssigned(let profile):
            let key = RegionDeclaration.UserKey(user: profile.user, id: profile.id)
            return before.profiles[key].map { profile.widens($0) } ?? true
        case .licenceAssigned(let licence):
            let key = RegionDeclaration.UserKey(user: licence.user, id: licence.ods)
            return before.licences[key].map { licence.from ?? .distantPast < $0.from ?? .distantPast } ?? true
        // Its successors become controllers: what was shared with them, or not, is their own.
        case .organisationClosed(let closure):
            return !closure.successors.isEmpty && closure != before.closures[closure.ods]
        // `all` reaches it now.
        case .organisationChanged(let details):
            return details.kind != .commissioner && before.organisations[details.ods]?.kind == .commissioner
        case .agreementAmended(let terms): return before.agreements[terms.id].map { terms.widens($0) } ?? true
        case .roleBaseline(let role): return before.roles[role.code].map { role.widens($0) } ?? true
        case .exclusionSetPublished(let set):
            guard let old = before.exclusions[set.id] else { return false }
            return !Set(old.codes.flatMap(\.codings)).isSubset(of: set.codes.flatMap(\.codings))
                || (old.narrative == .withhold && set.narrative != .withhold)
        case .sensitivityPublished(let set):
            guard let old = before.sensitivities[set.label] else { return false }
            return !Set(old.codes.flatMap(\.codings)).isSubset(of: set.codes.flatMap(\.codings))
        case .settings(let settings): return before.settings.map { settings.widens($0) } ?? true
        case .userChanged(let user): return user.scope != nil && before.users[user.id]?.scope == nil
        default: return false
        }
    }
}

extension AgreementTerms {
    fileprivate func widens(_ old: AgreementTerms) -> Bool {
        // An amendment signs anew for `all`: partners that joined since are reached.
        recipients.contains("all") || !Set(recipients).isSubset(of: old.recipients)
            || !categories.isSubset(of: old.categories) || !Set(purposes).isSubset(of: old.purposes)
            || controller != old.controller || (to ?? .distantFuture) > (old.to ?? .distantFuture)
            || (from ?? .distantPast) < (old.from ?? .distantPast)
    }
}

extension RoleProfile {
    fileprivate func widens(_ old: RoleProfile) -> Bool {
        org != old.org || code != old.code || !Set(workgroups).isSubset(of: old.workgroups)
            || (to ?? .distantFuture) > (old.to ?? .distantFuture)
            || (from ?? .distantPast) < (old.from ?? .distantPast)
    }
}

extension RoleBaseline {
    fileprivate func widens(_ old: RoleBaseline) -> Bool {
        !categories.isSubset(of: old.categories) || !Set(labels).isSubset(of: old.labels)
            || !Set(activities).isSubset(of: old.activities)
    }
}

extension RegionSettings {
    fileprivate func widens(_ old: RegionSettings) -> Bool {
        (consentModel == .implied && old.consentModel != .implied) || identityRule != old.identityRule
            || overrideMay.contains { kind, rules in !Set(rules).isSubset(of: old.overrideMay[kind] ?? []) }
            || overridePeriod != old.overridePeriod || timeZone != old.timeZone
            || !Set(old.placeholderNumbers).isSubset(of: placeholderNumbers)
            || permissionToViewPeriod != old.permissionToViewPeriod
            || relationshipGracePeriod != old.relationshipGracePeriod
    }
}
