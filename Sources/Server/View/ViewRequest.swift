import CareRecord

/// What `view` asks.
public struct ViewRequest: Hashable, Sendable {
    /// Whose sight: a user of the policy.
    public var user: String
    public var patient: PatientReference
    /// Nil: now, the user's own access.
    public var at: When?
    /// *Should have seen*: policy and identity as known at this later time. Needs `at`.
    public var knownAt: When?
    public var purpose: String
    /// The role profile, by id or `ORG/CODE`; may be left out while one is in force.
    public var profile: String?
    /// An open case that lets the operator see content.
    public var caseReference: String?
    public var asker: Asker
    /// Of a question about another time by the user themself: only what policy of now lets them see, too.
    var isInOwnRight = false

    public init(
        user: String, patient: PatientReference, at: When? = nil, knownAt: When? = nil,
        purpose: String = "direct-care", profile: String? = nil, caseReference: String? = nil, asker: Asker
    ) {
        self.user = user
        self.patient = patient
        self.at = at
        self.knownAt = knownAt
        self.purpose = purpose
        self.profile = profile
        self.caseReference = caseReference
        self.asker = asker
    }
}

/// What `record` asks: all that is held, before policy.
public struct RecordRequest: Hashable, Sendable {
    public var patient: PatientReference
    public var at: When?
    public var caseReference: String?
    public var asker: Asker

    public init(patient: PatientReference, at: When? = nil, caseReference: String? = nil, asker: Asker) {
        self.patient = patient
        self.at = at
        self.caseReference = caseReference
        self.asker = asker
    }
}
