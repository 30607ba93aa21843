import Wire

extension PatientRules {
    /// Whether the fact names this viewer: every one of user, workgroup and organisation that it has.
    private func names(_ entry: Known, _ profile: RoleProfile) -> Bool {
        let index = entry.index
        guard entries[index].fact.user != nil || entries[index].fact.org != nil else { return false }
        if let user = entries[index].fact.user, user != profile.user { return false }
        if let org = entries[index].fact.org, org != profile.org { return false }
        guard let workgroup = entries[index].fact.workgroup else { return true }
        return entries[index].fact.org != nil && profile.workgroups.contains(workgroup)
    }

    /// 3 for a user, 2 for a workgroup, 1 for an organisation, 0 for nobody.
    private func specificity(_ entry: Known) -> Int {
        let index = entry.index
        if entries[index].fact.user != nil { return 3 }
        if entries[index].fact.workgroup != nil { return 2 }
        return entries[index].fact.org != nil || !entries[index].fact.organisations.isEmpty ? 1 : 0
    }

    /// Whether the viewer declared the fact themself: what a self-claim or an override must be.
    private func isOwn(_ entry: Known, _ profile: RoleProfile) -> Bool {
        entries[entry.index].fact.user == profile.user && entries[entry.index].fact.recordedBy == profile.user
    }

    /// A self-claimed relationship serves only whoever claimed it, while their role has the activity.
    private func serves(_ entry: Known, _ profile: RoleProfile, _ role: RoleBaseline) -> Bool {
        guard names(entry, profile) else { return false }
        guard entries[entry.index].fact.relationship == .selfClaimed else { return true }
        return isOwn(entry, profile) && role.activities.contains(Activity.selfClaim)
    }

    /// Overrides in force that the viewer declared, with the activity each needs; by position.
    func overrides(_ profile: RoleProfile, _ role: RoleBaseline) -> [Override] {
        inForce(.overrideDeclared).compactMap { entry in
            guard let kind = entries[entry.index].fact.overrideKind, !entries[entry.index].carried,
                isOwn(entry, profile), role.activities.contains(kind.activity)
            else { return nil }
            if kind == .openSeal { return Override(openSealAt: entry.position) }
            return Override(
                position: entry.position, kind: kind, may: settings?.overrideMay[kind.rawValue] ?? [])
        }
    }

    /// The earliest relationship in force that serves the viewer; else the events that ended those that did.
    func relationship(_ profile: RoleProfile, _ role: RoleBaseline, purpose: String) -> Decision {
        let death = death
        let afterDeath = purpose == Purpose.afterDeath
        var decided: [Position] = []
        for entry in known
        where entry.kind == .relationshipCreated && !entries[entry.index].carried
            && serves(entry, profile, role)
        {
            if !entry.isActive {
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
        var best: (level: Int, position: Position, grants: Bool)?
        var decided: [Position] = []
        for entry in known {
            switch entry.kind {
            case .permissionToView, .permissionRefused, .permissionWithdrawn: break
            default: continue
            }
            guard !entries[entry.index].carried, entries[entry.index].scope.names(subject),
                names(entry, profile)
            else { continue }
            let grants = entry.kind == .permissionToView
            if !entry.isActive {
                if grants { decided.append(entry.position) }
            } else if grants, entries[entry.index].fact.once, let receipt = spending(entry.position) {
                decided.append(receipt)
            } else {
                let level = specificity(entry)
                if level >= best?.level ?? 0 { best = (level, entry.position, grants) }
            }
        }
        guard let best else { return .withhold(.permission, decided) }
        return best.grants ? .permit(.permission, [best.position]) : .withhold(.permission, [best.position])
    }

    /// The first receipt by the point that spent the permission.
    private func spending(_ permission: Position) -> Position? {
        guard has(.permissionSpent) else { return nil }
        return known.first {
            $0.kind == .permissionSpent && entries[$0.index].fact.spends == permission
                && entries[$0.index].recordedAt <= point.instant
        }?.position
    }

    /// Directives in force that name the viewer, the first that decides first.
    func directives(_ profile: RoleProfile) -> [Directive] {
        inForce(.consentDirective).compactMap { entry in
            let organisations = entries[entry.index].fact.organisations
            guard organisations.isEmpty || organisations.contains(profile.org) else { return nil }
            let namesSomebody = entries[entry.index].fact.user != nil || entries[entry.index].fact.org != nil
            guard !namesSomebody || names(entry, profile) else { return nil }
            return Directive(
                position: entry.position, denies: entries[entry.index].fact.outcome != .permit,
                who: specificity(entry), categories: entries[entry.index].fact.categories, from: entry.from,
                scope: entries[entry.index].scope, carried: entries[entry.index].carried)
        }.sorted { $0.decidesBefore($1) }
    }
}
