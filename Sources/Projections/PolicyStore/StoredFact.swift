import CareRecord
import EventLog
import Wire

/// A patient's fact as the policy read model keeps it.
public struct StoredFact: Hashable, Sendable {
    public var fact: PatientFact
    /// The number or subject it names.
    public var under: StreamToken
    public var position: Position
    public var recordedAt: Instant

    public init(fact: PatientFact, under: StreamToken, position: Position, recordedAt: Instant) {
        (self.fact, self.under) = (fact, under)
        (self.position, self.recordedAt) = (position, recordedAt)
    }
}
