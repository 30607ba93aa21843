import Wire

extension PatientRules {
    /// Whether the fact names this viewer: every one of user, workgroup and organisation that it has.
    static func names(_ fact: PatientFact, _ profile: RoleProfile) -> Bool {
        guard fact.user != nil || fact.org != nil else { return false }
        if let user = fact.user, user != profile.user { return false }
        if let org = fact.org, org != profile.org { return false }
        if let workgroup = fact.workgroup, fact.org == nil || !profile.workgroups.contains(workgroup) {
            return false
        }
        return true
    }

    /// The earliest relationship in force that serves the viewer; else the events that ended those that did.
    func relationship(_ profile: RoleProfile, purpose: String) -> Decision {
        let death = death
        let afterDeath = purpose == Purpose.afterDeath
        var decided: [Position] = []
        for entry in entries(.relationshipCreated) where !entry.carried && Self.names(entry.fact, profile) {
            if !isActive(entry) {
                decided.append(entry.position)
            } else if let ended = ended(entry) {
                decided.append(ended)
            } else if let death, !afterDeath, point.instant > death.graceEnds {
                decided.append(death.position)
            } else if death != nil || !afterDeath {
                return .permit(.relationship, [entry.position])
            }
        }
        return .withhold(.relationship, decided)
    }

    /// The permission that decides for one subject's items: the most specific grantee first, then the latest in force.
    func permission(_ profile: RoleProfile, subject: Int) -> Decision {
        let kinds: Set<PatientFactKind> = [.permissionToView, .permissionRefused, .permissionWithdrawn]
        let spent = Dictionary(
            entries(.permissionSpent).filter { $0.recordedAt <= point.instant }.compactMap { entry in
                entry.fact.spends.map { ($0, entry.position) }
            }, uniquingKeysWith: min)
        var best: (level: Int, position: Position, grants: Bool)?
        var decided: [Position] = []
        for entry in known(kinds) where !entry.carried && entry.scope.names(subject) {
            guard Self.names(entry.fact, profile) else { continue }
            let grants = entry.fact.kind == .permissionToView
            if !isActive(entry) {
                if grants { decided.append(entry.position) }
                continue
            }
            if grants, entry.fact.once, let receipt = spent[entry.position] {
                decided.append(receipt)
                continue
            }
            let level = entry.fact.user != nil ? 3 : entry.fact.workgroup != nil ? 2 : 1
            if level >= best?.level ?? 0 { best = (level, entry.position, grants) }
        }
        guard let best else { return .withhold(.permission, decided) }
        return best.grants ? .permit(.permission, [best.position]) : .withhold(.permission, [best.position])
    }

    /// The directive that denies an item of the category, if the most specific that names viewer and item does.
    func denial(_ profile: RoleProfile, category: Category, subject: Int) -> Position? {
        struct Rank: Comparable {
            var who: Int
            var what: Int
            var from: Instant
            var denies: Int

            static func < (a: Rank, b: Rank) -> Bool {
                (a.who, a.what, a.from, a.denies) < (b.who, b.what, b.from, b.denies)
            }
        }
        var best: (rank: Rank, position: Position)?
        for entry in inForce(.consentDirective) {
            let fact = entry.fact
            let denies = fact.outcome != .permit
            guard denies || (!entry.carried && entry.scope.names(subject)),
                fact.categories.isEmpty || fact.categories.contains(category),
                fact.organisations.isEmpty || fact.organisations.contains(profile.org),
                (fact.user == nil && fact.org == nil) || Self.names(fact, profile)
            else { continue }
            let organisation = fact.org != nil || !fact.organisations.isEmpty
            let who = fact.user != nil ? 3 : fact.workgroup != nil ? 2 : organisation ? 1 : 0
            let rank = Rank(
                who: who, what: fact.categories.isEmpty ? 0 : 1, from: from(entry), denies: denies ? 1 : 0)
            if best.map({ $0.rank < rank }) ?? true { best = (rank, entry.position) }
        }
        guard let best, best.rank.denies == 1 else { return nil }
        return best.position
    }

    private func known(_ kinds: Set<PatientFactKind>) -> [PatientFacts.Entry] {
        kinds.flatMap { entries($0) }.sorted { $0.position < $1.position }
    }
}
