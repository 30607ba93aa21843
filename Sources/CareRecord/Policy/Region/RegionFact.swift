/// One event of region policy. Its JSON is the event's body: `{"kind":…,"value":…}`.
public enum RegionFact: Hashable, Sendable {
    case settings(RegionSettings)
    case organisationOnboarded(OrganisationDetails)
    case organisationChanged(OrganisationDetails)
    case organisationClosed(OrganisationClosure)
    case charterSigned(CharterSignature)
    case charterEnded(RegionEnd)
    case licencePool(LicencePool)
    case feedDeclared(FeedDetails)
    case feedEnded(RegionEnd)
    case agreementSigned(AgreementTerms)
    case agreementAmended(AgreementTerms)
    case agreementSuspended(RegionEnd)
    case agreementResumed(RegionEnd)
    case agreementEnded(RegionEnd)
    case roleBaseline(RoleBaseline)
    case roleWithdrawn(RegionEnd)
    case userRegistered(UserDetails)
    case userChanged(UserDetails)
    case userLeft(RegionEnd)
    case roleProfileAssigned(RoleProfile)
    case roleProfileRevoked(RegionEnd)
    case licenceAssigned(LicenceAssignment)
    case licenceReleased(RegionEnd)
    case exclusionSetPublished(ExclusionSet)
    case exclusionSetEnded(RegionEnd)
    case sensitivityPublished(SensitivitySet)
    case sensitivityEnded(RegionEnd)
    case clientRegistered(ClientDetails)
    case clientEnded(RegionEnd)

    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case settings, organisationOnboarded, organisationChanged, organisationClosed, charterSigned,
            charterEnded
        case licencePool, feedDeclared, feedEnded, agreementSigned, agreementAmended, agreementSuspended
        case agreementResumed, agreementEnded, roleBaseline, roleWithdrawn, userRegistered, userChanged,
            userLeft
        case roleProfileAssigned, roleProfileRevoked, licenceAssigned, licenceReleased, exclusionSetPublished
        case exclusionSetEnded, sensitivityPublished, sensitivityEnded, clientRegistered, clientEnded
    }

    /// The kind, and the id that people know it by: an ODS code, an agreement's id, `user ODS/CODE`.
    public var summary: (kind: Kind, id: String) {
        switch self {
        case .settings(let value): (.settings, value.name)
        case .organisationOnboarded(let value): (.organisationOnboarded, value.ods)
        case .organisationChanged(let value): (.organisationChanged, value.ods)
        case .organisationClosed(let value): (.organisationClosed, value.ods)
        case .charterSigned(let value): (.charterSigned, value.ods)
        case .charterEnded(let value): (.charterEnded, value.id)
        case .licencePool(let value): (.licencePool, value.ods)
        case .feedDeclared(let value): (.feedDeclared, value.ods)
        case .feedEnded(let value): (.feedEnded, value.id)
        case .agreementSigned(let value): (.agreementSigned, value.id)
        case .agreementAmended(let value): (.agreementAmended, value.id)
        case .agreementSuspended(let value): (.agreementSuspended, value.id)
        case .agreementResumed(let value): (.agreementResumed, value.id)
        case .agreementEnded(let value): (.agreementEnded, value.id)
        case .roleBaseline(let value): (.roleBaseline, value.code)
        case .roleWithdrawn(let value): (.roleWithdrawn, value.id)
        case .userRegistered(let value): (.userRegistered, value.id)
        case .userChanged(let value): (.userChanged, value.id)
        case .userLeft(let value): (.userLeft, value.id)
        case .roleProfileAssigned(let value): (.roleProfileAssigned, "\(value.user) \(value.id)")
        case .roleProfileRevoked(let value): (.roleProfileRevoked, "\(value.user ?? "") \(value.id)")
        case .licenceAssigned(let value): (.licenceAssigned, "\(value.user) \(value.ods)")
        case .licenceReleased(let value): (.licenceReleased, "\(value.user ?? "") \(value.id)")
        case .exclusionSetPublished(let value): (.exclusionSetPublished, value.id)
        case .exclusionSetEnded(let value): (.exclusionSetEnded, value.id)
        case .sensitivityPublished(let value): (.sensitivityPublished, value.label)
        case .sensitivityEnded(let value): (.sensitivityEnded, value.id)
        case .clientRegistered(let value): (.clientRegistered, value.id)
        case .clientEnded(let value): (.clientEnded, value.id)
        }
    }

    public var kind: Kind { summary.kind }
}
