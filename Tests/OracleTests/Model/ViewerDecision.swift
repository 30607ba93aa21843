/// Who asks, in the one role chosen, or why nobody by that name may.
struct ViewerDecision {
    enum Outcome {
        /// Nobody by that name, or a role to be chosen: a usage error, and no view.
        case usage
        case withheld(Verdict)
        case admitted(Viewer)
    }

    struct Viewer {
        var user: String
        var profile: RegionSpec.Profile
        var role: RegionSpec.Role
        var purpose: String
        var basis: [UInt64?]

        func sees(_ category: String) -> Bool {
            role.categories == ["all"] || role.categories.contains(category)
        }
    }

    static func decide(_ asked: Asked, region: RegionAsOf, at asOf: AsOf) -> Outcome {
        guard let user = region.spec.users.first(where: { $0.id == asked.user }) else { return .usage }
        let inForce = user.profiles.filter { RegionAsOf.covers($0.from, $0.to, asOf.instant) }
        let profile: RegionSpec.Profile
        if let role = asked.role {
            guard let named = user.profiles.first(where: { $0.name == role }) else { return .usage }
            profile = named
        } else {
            guard inForce.count == 1 else { return .usage }
            profile = inForce[0]
        }
        let ods = profile.organisation
        let profileFact = region.position("profile/\(user.id)/\(profile.name)")
        guard region.organisation(ods) != nil else { return .withheld(.withhold("organisation", [])) }
        let organisationFact = region.position("organisation/\(ods)")
        guard region.charterInForce(ods, at: asOf.instant) else {
            return .withheld(.withhold("charter", [organisationFact]))
        }
        guard inForce.contains(profile),
            let role = region.spec.roles.first(where: { $0.code == profile.code })
        else {
            return .withheld(.withhold("role", [profileFact]))
        }
        guard role.activities.contains("view-record") else {
            return .withheld(.withhold("activity", [profileFact, region.position("role/\(role.code)")]))
        }
        return .admitted(
            Viewer(
                user: user.id, profile: profile, role: role,
                purpose: asked.purpose ?? "direct-care", basis: [profileFact]))
    }
}
