import CareRecord
import Wire

extension RegionFileReader {
    mutating func readRole(_ value: PolicyValue) {
        guard let entry = value.mapping(["code", "name", "categories", "labels", "activities"]) else {
            return
        }
        let name = entry.required("name")?.text()
        let categories = entry.required("categories")?.categories()
        let labels = entry["labels"]?.distinct { $0.identifier() } ?? []
        let activities = entry["activities"]?.distinct { $0.word() } ?? []
        guard let code = entry.required("code")?.identifier() else { return }
        guard declaration.roles[code] == nil else {
            entry["code"]?.report("role \(code) is listed twice: keep one")
            return
        }
        declaration.roles[code] = RoleBaseline(
            code: code, name: name ?? "", categories: categories ?? [], labels: labels, activities: activities
        )
    }

    mutating func readUser(_ value: PolicyValue) {
        guard let entry = value.mapping(["id", "name", "scope", "roles"]) else { return }
        let name = entry.required("name")?.text()
        let scope = entry["scope"]?.choice(UserDetails.Scope.self)
        guard let id = entry.required("id")?.identifier() else { return }
        guard declaration.users[id] == nil else {
            entry["id"]?.report("user \(id) is listed twice: keep one")
            return
        }
        let starts = (entry.required("roles")?.list() ?? []).compactMap { readProfile($0, user: id)?.from }
        declaration.users[id] = UserDetails(id: id, name: name ?? "", scope: scope, from: starts.min())
    }

    private mutating func readProfile(_ value: PolicyValue, user: String) -> RoleProfile? {
        guard let entry = value.mapping(["profile", "org", "code", "workgroups", "from", "to"]) else {
            return nil
        }
        let org = organisation(entry.required("org"))
        let from = entry["from"]?.instant(ends: false, in: calendar)
        let to = entry["to"]?.instant(ends: true, in: calendar)
        if let from, let to, from > to { entry["to"]?.report("the role would end before it begins") }
        let workgroups = entry["workgroups"]?.distinct { $0.identifier() } ?? []
        guard let code = entry.required("code")?.identifier() else { return nil }
        if declaration.roles[code] == nil { entry["code"]?.report("no role \(code) is listed under roles") }
        guard let org else { return nil }
        let profile = RoleProfile(
            user: user, id: entry["profile"]?.identifier(), org: org, code: code, workgroups: workgroups,
            from: from,
            to: to)
        let key = RegionDeclaration.UserKey(user: user, id: profile.id)
        guard declaration.profiles[key] == nil else {
            value.report("\(user) has two role profiles \(profile.id): give each a profile id of its own")
            return nil
        }
        declaration.profiles[key] = profile
        hold(LicenceAssignment(user: user, ods: org, from: from))
        return profile
    }

    /// A user holds one licence of each organisation they have a role at, from the first such role's start. A role
    /// without a start begins when it is recorded.
    private mutating func hold(_ licence: LicenceAssignment) {
        let key = RegionDeclaration.UserKey(user: licence.user, id: licence.ods)
        guard let held = declaration.licences[key] else {
            declaration.licences[key] = licence
            return
        }
        if let from = licence.from, held.from.map({ from < $0 }) ?? true {
            declaration.licences[key]?.from = from
        }
    }

    func checkOfficers() {
        for officer in officers {
            if let id = officer.identifier(), declaration.users[id] == nil {
                officer.report("no user \(id) is listed under users")
            }
        }
    }

    func checkPools(_ users: PolicyValue) {
        let held = Dictionary(grouping: declaration.licences.keys, by: \.id).mapValues(\.count)
        for (ods, count) in held.sorted(by: { $0.key < $1.key }) {
            let pool = declaration.pools[ods] ?? 0
            if count > pool {
                users.report(
                    "\(count) users of \(ods) need a licence and its pool has \(pool): enlarge licences")
            }
        }
    }
}
