/// A partner as the region declares it.
public struct OrganisationDetails: Hashable, Sendable, Codable {
    public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
        case commissioner, acute, community, ambulance, gp, hospice, pharmacy, dental, independent, voluntary
        case mentalHealth = "mental-health"
        case localAuthority = "local-authority"
        case careHome = "care-home"
        case other
    }

    /// ODS code.
    public var ods: String
    public var name: String
    public var kind: Kind
    public var caldicottGuardian: String?
    public var privacyOfficer: String?
    /// Data protection officer, an address for letters.
    public var dpo: String?

    public init(
        ods: String, name: String, kind: Kind, caldicottGuardian: String? = nil,
        privacyOfficer: String? = nil,
        dpo: String? = nil
    ) {
        self.ods = ods
        self.name = name
        self.kind = kind
        self.caldicottGuardian = caldicottGuardian
        self.privacyOfficer = privacyOfficer
        self.dpo = dpo
    }
}
