import CareRecord
import EventLog
import Intake
import Wire

/// Something about who is whom that a person must decide.
public struct IdentityReview: Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        /// Two patients bear one NHS number, and what links of itself did not find them to be one.
        case sameNumber
        case raised(ReviewReason)

        public var name: String {
            switch self {
            case .sameNumber: "same-number"
            case .raised(let reason): reason.rawValue
            }
        }
    }

    /// How two compare, without saying what they are.
    public enum Comparison: String, Hashable, Sendable { case same, similar, different, unknown }

    /// `p17-23`, of the positions where the two were first seen, or `r45`, where the review was opened.
    public var id: String
    public var reason: Reason
    /// One, or two.
    public var subjects: [SubjectID]
    /// Where it was opened; nil for numbers, which are found, not told.
    public var opened: Position?
    public var birthDates: Comparison?
    public var familyNames: Comparison?
    public var givenNames: Comparison?
    /// Of a number: whether both sources say that it was verified.
    public var isVerified: Bool?
    var tokens: [StreamToken]
    /// Of the fact that opened it.
    var factID: String?
}
