/// Who asks, in the one role chosen, or why they may not.
struct ViewerDecision {
    enum Outcome {
        /// A role must be chosen: a usage error, and no view.
        case usage
        case withheld(Verdict)
        case admitted(Viewer)
    }

    struct Viewer {
        var user: String
        var profile: RegionSpec.Profile
        var role: RegionSpec.Role
        var purpose: String
        var profileFact: UInt64?
        var roleFact: UInt64?

        func sees(_ category: String) -> Bool {
            role.categories == ["all"] || role.categories.contains(category)
        }
    }

    /// DOMAIN's order: organisation, charter and user in force; a licence; the role; its activity.
    static func decide(_ asked: Asked, region: RegionAsOf?, at asOf: AsOf) -> Outcome {
        guard let region else { return .withheld(.withhold("user", [UInt64]())) }
        let user = region.spec.users.first { $0.id == asked.user }
        let userFact = region.position("user/\(asked.user)")
        // A user who left has no role left: the last known ones say where they worked.
        let known = region.profiles(of: asked.user)
        let inForce = (user?.profiles ?? []).filter { RegionAsOf.covers($0.from, $0.to, asOf.instant) }
        let profile: RegionSpec.Profile
        if let role = asked.role {
            guard let named = known.first(where: { $0.name == role }) else {
                return .withheld(user == nil ? .withhold("user", [userFact]) : .withhold("role", []))
            }
            profile = named
        } else if inForce.count == 1 {
            profile = inForce[0]
        } else if inForce.count > 1 {
            return .usage
        } else {
            guard user != nil else { return .withheld(.withhold("user", [userFact])) }
            return .withheld(
                .withhold("role", known.map { region.position("profile/\(asked.user) \($0.name)") }))
        }
        let ods = profile.organisation
        let profileFact = region.position("profile/\(asked.user) \(profile.name)")
        if let (_, closure) = region.closedBy(ods, at: asOf.instant) {
            return .withheld(.withhold("organisation", [closure]))
        }
        guard region.charterInForce(ods, at: asOf.instant) else {
            return .withheld(.withhold("charter", [region.position("charter/\(ods)")]))
        }
        guard user != nil else { return .withheld(.withhold("user", [userFact])) }
        if let unlicensed = region.licenceMissing(user: asked.user, ods: ods, at: asOf.instant) {
            return .withheld(unlicensed)
        }
        guard inForce.contains(profile) else { return .withheld(.withhold("role", [profileFact])) }
        let roleFact = region.position("role/\(profile.code)")
        guard let role = region.spec.roles.first(where: { $0.code == profile.code }) else {
            return .withheld(.withhold("role", [profileFact, roleFact]))
        }
        guard role.activities.contains("view-record") else {
            return .withheld(.withhold("activity", [profileFact, roleFact]))
        }
        return .admitted(
            Viewer(
                user: asked.user, profile: profile, role: role, purpose: asked.purpose ?? "direct-care",
                profileFact: profileFact, roleFact: roleFact))
    }
}
