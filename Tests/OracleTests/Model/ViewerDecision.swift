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
    static func decide(_ asked: Asked, region: RegionAsOf?, activity: String = "view-record") -> Outcome {
        guard let region else { return .withheld(.withhold("user", [UInt64]())) }
        let isRegistered = region.isRegistered(asked.user)
        let noUser = Verdict.withhold("user", [region.userPosition(asked.user)])
        // A user who left has no role left: the last known ones say where they worked.
        let known = region.profiles(of: asked.user)
        let inForce = known.filter { region.isInForce($0, of: asked.user) }
        let profile: RegionSpec.Profile
        if let role = asked.role {
            guard let named = known.first(where: { $0.name == role }) else {
                return .withheld(isRegistered ? .withhold("role", []) : noUser)
            }
            profile = named
        } else if inForce.count == 1 {
            profile = inForce[0]
        } else if inForce.count > 1 {
            return .usage
        } else {
            guard isRegistered else { return .withheld(noUser) }
            return .withheld(
                .withhold("role", known.map { region.profilePosition($0.name, of: asked.user) }))
        }
        let ods = profile.organisation
        if let missing = region.organisationMissing(ods) { return .withheld(missing) }
        guard region.charterInForce(ods, at: region.instant) else {
            return .withheld(.withhold("charter", [region.charterPosition(ods)]))
        }
        guard isRegistered else { return .withheld(noUser) }
        if let unlicensed = region.licenceMissing(user: asked.user, ods: ods) { return .withheld(unlicensed) }
        let profileFact = region.profilePosition(profile.name, of: asked.user)
        guard inForce.contains(profile) else { return .withheld(.withhold("role", [profileFact])) }
        let roleFact = region.begunPosition("role/\(profile.code)")
        guard let role = region.spec.roles.first(where: { $0.code == profile.code }) else {
            return .withheld(.withhold("role", [profileFact, roleFact]))
        }
        guard role.activities.contains(activity) else {
            return .withheld(.withhold("activity", [profileFact, roleFact]))
        }
        return .admitted(
            Viewer(
                user: asked.user, profile: profile, role: role, purpose: asked.purpose ?? "direct-care",
                profileFact: profileFact, roleFact: roleFact))
    }
}
