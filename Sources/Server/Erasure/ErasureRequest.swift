import CareRecord

/// What `erase` asks.
public struct ErasureRequest: Hashable, Sendable {
    public var patient: PatientReference
    /// On what ground, in words that name nobody: every later answer about the patient says it.
    public var authority: String
    /// Users of the policy: two different ones, neither of them the operator.
    public var approvedBy: [String]
    /// Every subject linked with the patient, rather than one.
    public var allLinked: Bool
    /// The plan's code, which says that the list of what it takes was seen; needed with `allLinked`.
    public var confirmation: String?
    public var asker: Asker

    public init(
        patient: PatientReference, authority: String, approvedBy: [String], allLinked: Bool = false,
        confirmation: String? = nil, asker: Asker
    ) {
        (self.patient, self.authority, self.approvedBy) = (patient, authority, approvedBy)
        (self.allLinked, self.confirmation, self.asker) = (allLinked, confirmation, asker)
    }
}
