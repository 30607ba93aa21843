import Wire

/// All that a region declares at one moment: what a region file says, or what the facts so far add up to.
public struct RegionDeclaration: Hashable, Sendable {
    /// A user's role profile, or a user's licence at an organisation, by its two ids.
    public struct UserKey: Hashable, Comparable, Sendable {
        public var user: String
        public var id: String

        public init(user: String, id: String) { (self.user, self.id) = (user, id) }

        public static func < (a: UserKey, b: UserKey) -> Bool { (a.user, a.id) < (b.user, b.id) }
    }

    public var settings: RegionSettings?
    /// By ODS code. An organisation that is no longer declared at all is not among them.
    public var organisations: [String: OrganisationDetails] = [:]
    /// By ODS code: declared as closed, or gone.
    public var closures: [String: OrganisationClosure] = [:]
    /// By ODS code: the start of the day of signing.
    public var charters: [String: Instant] = [:]
    public var pools: [String: Int] = [:]
    public var feeds: [String: FeedDetails] = [:]
    public var agreements: [String: AgreementTerms] = [:]
    /// Ids of agreements suspended.
    public var suspended: Set<String> = []
    public var roles: [String: RoleBaseline] = [:]
    public var users: [String: UserDetails] = [:]
    public var profiles: [UserKey: RoleProfile] = [:]
    /// By user and ODS code.
    public var licences: [UserKey: LicenceAssignment] = [:]
    public var exclusions: [String: ExclusionSet] = [:]
    public var sensitivities: [String: SensitivitySet] = [:]
    public var clients: [String: ClientDetails] = [:]

    public init() {}

    /// Whether any region was applied.
    public var isEmpty: Bool { settings == nil && organisations.isEmpty }

    /// Takes one fact in: later facts replace earlier ones about the same thing.
    public mutating func apply(_ fact: RegionFact) {
        switch fact {
        case .settings(let value): settings = value
        case .organisationOnboarded(let value):
            organisations[value.ods] = value
            closures[value.ods] = nil
        case .organisationChanged(let value): organisations[value.ods] = value
        case .organisationClosed(let value): closures[value.ods] = value
        case .charterSigned(let value): charters[value.ods] = value.from
        case .charterEnded(let end): charters[end.id] = nil
        case .licencePool(let value): pools[value.ods] = value.licences == 0 ? nil : value.licences
        case .feedDeclared(let value): feeds[value.ods] = value
        case .feedEnded(let end): feeds[end.id] = nil
        case .agreementSigned(let value), .agreementAmended(let value): agreements[value.id] = value
        case .agreementSuspended(let end): suspended.insert(end.id)
        case .agreementResumed(let end): suspended.remove(end.id)
        case .agreementEnded(let end):
            agreements[end.id] = nil
            suspended.remove(end.id)
        case .roleBaseline(let value): roles[value.code] = value
        case .roleWithdrawn(let end): roles[end.id] = nil
        case .userRegistered(let value), .userChanged(let value): users[value.id] = value
        case .userLeft(let end): users[end.id] = nil
        case .roleProfileAssigned(let value): profiles[UserKey(user: value.user, id: value.id)] = value
        case .roleProfileRevoked(let end): profiles[UserKey(user: end.user ?? "", id: end.id)] = nil
        case .licenceAssigned(let value): licences[UserKey(user: value.user, id: value.ods)] = value
        case .licenceReleased(let end): licences[UserKey(user: end.user ?? "", id: end.id)] = nil
        case .exclusionSetPublished(let value): exclusions[value.id] = value
        case .exclusionSetEnded(let end): exclusions[end.id] = nil
        case .sensitivityPublished(let value): sensitivities[value.label] = value
        case .sensitivityEnded(let end): sensitivities[end.id] = nil
        case .clientRegistered(let value): clients[value.id] = value
        case .clientEnded(let end): clients[end.id] = nil
        }
    }
}
