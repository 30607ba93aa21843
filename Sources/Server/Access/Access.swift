import CareRecord
import Projections
import Wire

/// One receipt out of the trail.
public struct Access: Sendable {
    public var position: Position
    public var recordedAt: Instant
    public var receipt: Receipt
    /// What tells about the patient; nil where there is none, and once a key of theirs was destroyed.
    public var detail: ReceiptDetail?
}

/// What `access list` asks.
public struct TrailRequest: Sendable {
    public var patient: PatientReference?
    public var user: String?
    /// Inclusive bounds on when the receipt was recorded.
    public var from: When?
    public var to: When?
    public var asker: Asker

    public init(
        patient: PatientReference? = nil, user: String? = nil, from: When? = nil, to: When? = nil,
        asker: Asker
    ) {
        (self.patient, self.user, self.from, self.to, self.asker) = (patient, user, from, to, asker)
    }
}
