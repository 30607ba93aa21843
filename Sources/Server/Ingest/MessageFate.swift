import Intake
import Wire

/// What became of a message.
enum MessageFate: Sendable {
    /// It is durable, and stands there, since now or, where it came `again`, since before.
    case taken(Position, again: Bool)
    /// It is durable, and stands in quarantine, under the id of that position.
    case quarantined(Position, IntakeReject, again: Bool)
    /// The log failed while it was written: whether it is there is not known.
    case unknown(StoreError)
}
