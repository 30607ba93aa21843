import Wire

extension RegionState {
    /// The viewer with a role profile in force at the point, or what ends the matter before any item.
    enum Resolved {
        case viewer(ResolvedViewer)
        case withhold(Decision, ViewerIdentity)
        case usage(String)
    }

    /// One reference: many Strings, handed on and kept.
    final class ResolvedViewer: Sendable {
        let identity: ViewerIdentity
        let profile: RoleProfile
        let profilePosition: Position
        let role: RoleBaseline
        let rolePosition: Position

        init(
            _ identity: ViewerIdentity, _ profile: RoleProfile, at profilePosition: Position,
            _ role: RoleBaseline, at rolePosition: Position
        ) {
            (self.identity, self.profile, self.profilePosition) = (identity, profile, profilePosition)
            (self.role, self.rolePosition) = (role, rolePosition)
        }
    }

    /// Whether somebody may sign in at all: everything but an activity.
    public enum Admission: Sendable {
        case admitted(ViewerIdentity)
        case withhold(Decision, ViewerIdentity)
        /// Several roles are in force, and none was chosen.
        case usage(String)
    }

    /// Organisation, charter, user, licence and role, in that order.
    public func admits(_ viewer: Viewer) -> Admission {
        switch resolve(viewer, activity: nil) {
        case .viewer(let resolved): .admitted(resolved.identity)
        case .withhold(let decision, let identity): .withhold(decision, identity)
        case .usage(let text): .usage(text)
        }
    }

    /// Organisation, charter, user, licence, role and activity (nil: whatever they are), in that order.
    func resolve(_ viewer: Viewer, activity: String?) -> Resolved {
        var identity = ViewerIdentity(user: viewer.user)
        let user = user(viewer.user)
        identity.name = user.terms?.name
        identity.scope = user.terms?.scope
        let chosen: String
        switch choice(viewer) {
        case .one(let id): chosen = id
        case .several(let ids):
            return .usage(
                "\(viewer.user) has \(ids.count) roles in force: choose one of \(ids.joined(separator: ", "))"
            )
        case .none(let basis):
            if user.terms == nil { return .withhold(.withhold(.user, user.basis), identity) }
            return .withhold(.withhold(.role, basis), identity)
        }
        guard let found = history.users[viewer.user]?.profiles[chosen]?.found(at: point) else {
            return .withhold(.withhold(.role, []), identity)
        }
        let known = found.version.terms
        describe(known, &identity)
        let organisation = organisation(known.org)
        guard organisation.terms != nil else {
            return .withhold(.withhold(.organisation, organisation.basis), identity)
        }
        let charter = charter(known.org)
        guard charter.terms != nil else { return .withhold(.withhold(.charter, charter.basis), identity) }
        guard user.terms != nil else { return .withhold(.withhold(.user, user.basis), identity) }
        let licence = licence(user: viewer.user, ods: known.org)
        guard licence.terms != nil else { return .withhold(.withhold(.licence, licence.basis), identity) }
        if let over = found.overBy { return .withhold(.withhold(.role, [over]), identity) }
        let (profile, position) = (known, found.version.position)
        let baseline = role(profile.code)
        guard case .inForce(let role, let published) = baseline else {
            return .withhold(.withhold(.role, [position] + baseline.basis), identity)
        }
        guard activity.map({ role.activities.contains($0) }) ?? true else {
            return .withhold(.withhold(.activity, [position, published]), identity)
        }
        return .viewer(ResolvedViewer(identity, profile, at: position, role, at: published))
    }

    /// The viewer as far as the point tells of them, whatever they may do: for receipts of what was refused, and to ask
    /// whether an operator has an activity.
    public func identity(of viewer: Viewer) -> ViewerIdentity {
        var identity = ViewerIdentity(user: viewer.user)
        let user = user(viewer.user)
        identity.name = user.terms?.name
        identity.scope = user.terms?.scope
        guard case .one(let id) = choice(viewer),
            let profile = history.users[viewer.user]?.profiles[id]?.found(at: point)?.version.terms
        else { return identity }
        describe(profile, &identity)
        return identity
    }

    /// The profile that the viewer's question is decided by, in force or not.
    func chosenProfile(_ viewer: Viewer) -> RoleProfile? {
        guard case .one(let id) = choice(viewer) else { return nil }
        return history.users[viewer.user]?.profiles[id]?.found(at: point)?.version.terms
    }

    private func describe(_ profile: RoleProfile, _ identity: inout ViewerIdentity) {
        let role = role(profile.code).terms
        identity.profile = profile.id
        identity.role = profile.code
        identity.roleName = role?.name
        identity.organisation = profile.org
        identity.organisationName = details(of: profile.org)?.name
        identity.workgroups = profile.workgroups
        identity.activities = role?.activities ?? []
    }

    private enum Choice {
        case one(String)
        case several([String])
        case none(basis: [Position])
    }

    /// The profile asked for where it is known; left out, the only one in force.
    private func choice(_ viewer: Viewer) -> Choice {
        let all = history.users[viewer.user]?.profiles ?? [:]
        if let asked = viewer.profile {
            return all[asked]?.place(at: point) == nil ? .none(basis: []) : .one(asked)
        }
        var inForce: [String] = []
        for (id, spans) in all where spans.isInForce(at: point) { inForce.append(id) }
        if inForce.count == 1 { return .one(inForce[0]) }
        if inForce.count > 1 { return .several(inForce.sorted()) }
        return .none(
            basis: profiles(of: viewer.user).flatMap { profile(user: viewer.user, id: $0).basis })
    }
}
