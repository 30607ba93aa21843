import Wire

/// What a source's message says of whose care a patient is in: a practice's list, a service's caseload, a referral (decision 20).
///
/// Whether it opens or ends anybody's sight depends on who says it of whom, which the region knows.
public struct CareStatement: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A Patient resource, or the PD1 of a person's message: who looks after the patient in general.
        case person
        /// An EpisodeOfCare.
        case episode
        /// A CareTeam.
        case team
        /// A ServiceRequest for a referral.
        case referral
    }

    public var kind: Kind
    /// What it goes by at its source: `EpisodeOfCare/e1`, `Patient/G7`.
    public var item: String
    /// The same with Daybook's id.
    public var reference: String
    /// Those it says the patient is in the care of, or referred to.
    public var organisations: [NamedOrganisation]
    public var state: RelationshipState
    /// Since when, where it says so.
    public var from: Instant?
    /// When it says so, where the resource has its own time.
    public var asserted: Instant?
    /// What says so: `EpisodeOfCare`, `ADT^A31`.
    public var told: String

    public init(
        _ kind: Kind, item: String, reference: String, organisations: [NamedOrganisation],
        state: RelationshipState, from: Instant? = nil, asserted: Instant? = nil, told: String
    ) {
        (self.kind, self.item, self.reference) = (kind, item, reference)
        (self.organisations, self.state, self.from) = (organisations, state, from)
        (self.asserted, self.told) = (asserted, told)
    }
}
