import CareRecord
import Wire

/// A user's own word about a patient, declared at the moment of need: an override, or that they care for the patient.
public struct Declaration: Hashable, Sendable {
    public enum What: Hashable, Sendable {
        case override(OverrideKind)
        case selfClaim
    }

    public var what: What
    public var patient: PatientReference
    public var reason: String
    /// Nil: the region's own period, which an override has to have.
    public var duration: CalendarDuration?

    /// UTF-8 bytes of a reason.
    public static let maximumReason = 1000

    public init(
        _ what: What, patient: PatientReference, reason: String, duration: CalendarDuration? = nil
    ) {
        (self.what, self.patient, self.reason, self.duration) = (what, patient, reason, duration)
    }

    /// The activity that the declarer's role must have.
    var activity: String {
        switch what {
        case .override(let kind): kind.activity
        case .selfClaim: Activity.selfClaim
        }
    }
}

/// A declaration that is durable, with its alert.
public struct Declared: Sendable {
    public var id: String
    /// Of the event.
    public var position: Position
    /// The last instant at which it counts; nil: until it is ended.
    public var expires: Instant?
}
