import Wire

/// Region policy at one point. Cheap: it asks the history, and folds nothing.
public struct RegionState: Sendable {
    let history: RegionHistory
    public let point: DecisionPoint

    init(history: RegionHistory, point: DecisionPoint) { (self.history, self.point) = (history, point) }

    public var settings: Standing<RegionSettings> { history.settings.standing(at: point) }

    /// The store's days at the point: London's before any region was applied.
    public var calendar: StoreCalendar {
        // Asked several times a view: the settings are not copied for one of them.
        let settings = history.settings
        guard let index = settings.index(at: point), let zone = settings.versions[index].value?.timeZone
        else { return .london }
        return history.calendars[zone] ?? .london
    }

    func calendar(of settings: RegionSettings?) -> StoreCalendar {
        settings.flatMap { history.calendars[$0.timeZone] } ?? .london
    }

    /// In force: onboarded, and not closed.
    public func organisation(_ ods: String) -> Standing<OrganisationDetails> {
        guard let organisation = history.organisations[ods] else { return .unknown }
        if let closed = organisation.closure(at: point) { return .notInForce(decidedBy: closed.position) }
        return organisation.details.standing(at: point)
    }

    /// The organisation's details as last told by the point, closed or not: reports show names as they were.
    public func details(of ods: String) -> OrganisationDetails? {
        history.organisations[ods]?.details.standing(at: point).terms
    }

    /// ODS codes of the organisations in force, ascending.
    public var organisationsInForce: [String] {
        var out: [String] = []
        for (ods, organisation) in history.organisations
        where organisation.closure(at: point) == nil && organisation.details.isInForce(at: point) {
            out.append(ods)
        }
        return out.sorted()
    }

    public func charter(_ ods: String) -> Standing<CharterSignature> {
        history.organisations[ods]?.charters.standing(at: point) ?? .unknown
    }

    public func feed(_ ods: String) -> Standing<FeedDetails> {
        history.organisations[ods]?.feeds.standing(at: point) ?? .unknown
    }

    public func user(_ id: String) -> Standing<UserDetails> {
        history.users[id]?.details.standing(at: point) ?? .unknown
    }

    /// A program that may ask over HTTP.
    public func client(_ id: String) -> Standing<ClientDetails> {
        history.clients[id]?.standing(at: point) ?? .unknown
    }

    public func licence(user: String, ods: String) -> Standing<LicenceAssignment> {
        history.users[user]?.licences[ods]?.standing(at: point) ?? .unknown
    }

    public func profile(user: String, id: String) -> Standing<RoleProfile> {
        history.users[user]?.profiles[id]?.standing(at: point) ?? .unknown
    }

    /// Ids of every role profile of the user that is known by the point, in force or not, ascending.
    public func profiles(of user: String) -> [String] {
        (history.users[user]?.profiles ?? [:]).keys.filter {
            if case .unknown = profile(user: user, id: $0) { false } else { true }
        }.sorted()
    }

    /// The organisations where the user has, or ever had, a role that is known by the point.
    public func organisations(of user: String) -> Set<String> {
        Set(
            (history.users[user]?.profiles ?? [:]).values.compactMap {
                $0.found(at: point)?.version.terms.org
            })
    }

    public func role(_ code: String) -> Standing<RoleBaseline> {
        history.roles[code]?.standing(at: point) ?? .unknown
    }

    /// Exclusion sets in force, by position.
    public var exclusionSets: [(set: CodeSetVersion, position: Position)] {
        Self.inForce(history.exclusions, point)
    }

    /// Sensitivities in force, by position; the set's name is the label.
    public var sensitivities: [(set: CodeSetVersion, position: Position)] {
        Self.inForce(history.sensitivities, point)
    }

    private static func inForce(
        _ sets: [String: Versions<CodeSetVersion>], _ point: DecisionPoint
    ) -> [(set: CodeSetVersion, position: Position)] {
        sets.values.compactMap { versions in
            guard case .inForce(let set, let position) = versions.standing(at: point) else { return nil }
            return (set, position)
        }.sorted { $0.position < $1.position }
    }
}
