import Wire

/// One fact about a patient's sharing or identity: an event, and what read models keep of it.
///
/// Flat on purpose: each kind uses the fields that its key of a patient policy file has.
public struct PatientFact: Hashable, Sendable {
    public var kind: PatientFactKind
    /// The fact's own id, or, in a fact that ends another, that one's.
    public var id: String?
    /// Nil only where an ending names its fact by id alone. For links `a`, for merges the survivor.
    public var patient: PatientReference?
    /// For links `b`, for merges the retired subject.
    public var other: PatientReference?
    /// The organisation served, granted or, in `itemLabelled`, whose item it is.
    public var org: String?
    public var workgroup: String?
    public var user: String?
    public var relationship: RelationshipKind?
    public var permissionBasis: PermissionBasis?
    public var once = false
    public var outcome: DirectiveOutcome?
    public var overrideKind: OverrideKind?
    /// Viewers' organisations that a directive names; empty means all.
    public var organisations: [String] = []
    /// Categories that a directive or a seal names; empty means all.
    public var categories: CategorySet = []
    /// `Type/id`, the id as the source sent it.
    public var item: String?
    public var label: String?
    public var locked = false
    /// The organisation that sealed, or the user who lifted.
    public var by: String?
    /// The reference of the case that a lifting stands on.
    public var caseReference: String?
    public var authority: String?
    /// Day of death.
    public var date: CivilDate?
    public var oldNumber: NHSNumber?
    public var newNumber: NHSNumber?
    /// Nil: the recorded instant.
    public var from: Instant?
    /// The last instant; nil: no end, or the end of `duration`.
    public var to: Instant?
    /// `for`: counted from `from`, else from the recorded instant.
    public var duration: CalendarDuration?
    public var evidence: String?
    public var reason: String?
    public var recordedBy: String?
    /// Made or ended by a feed's message, not by hand: only such an end is followed by the grace period.
    public var byFeed = false
    /// When the feed's message said so: an older message undoes nothing that a newer one said.
    public var asserted: Instant?
    /// The permission that a `permissionSpent` spends.
    public var spends: Position?

    public init(_ kind: PatientFactKind, id: String? = nil, patient: PatientReference? = nil) {
        (self.kind, self.id, self.patient) = (kind, id, patient)
    }
}
