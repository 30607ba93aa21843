import CareRecord
import Wire

/// What a feed's message says beside its resources: of the patient's relationship with the sender, and of who is whom.
///
/// What becomes of it depends on what came before; whoever appends the message decides (decision 7).
public enum FeedEvent: Hashable, Sendable {
    case visit(VisitChange)
    case merged(survivor: SubjectID, retired: SubjectID)
    case linked(SubjectID, SubjectID)
    case unlinked(SubjectID, SubjectID)
    /// Something that a person must decide.
    case review(ReviewReason, SubjectID, SubjectID?)
}

/// Why a person must look. Raw values are stored and never reused.
public enum ReviewReason: String, Hashable, Sendable, CaseIterable {
    /// A29: the source says that the person should not be there.
    case deletePerson = "delete-person"
    /// A link or merge of what the message itself says are mother and child.
    case motherAndBaby = "mother-and-baby"
    /// A link or merge of two whose birth dates do not allow it.
    case birthDatesDiffer = "birth-dates-differ"
    /// A link or merge of two whom a person set apart, or that a later message undid.
    case setApart = "set-apart"
    /// A message to an id that was retired by a merge.
    case retiredID = "retired-id"
}

/// One visit, as a message about it says.
public struct VisitChange: Hashable, Sendable {
    public enum State: Hashable, Sendable {
        /// The patient is there, or is to be looked after until `until`.
        case open(until: Instant?)
        case ended(Instant)
        case neverWas
    }

    /// What the visit goes by at its source.
    public var visit: String
    public var state: State
    /// When the patient came, where the message says so.
    public var from: Instant?
    /// Whether the message says that the visit opens; one that merely goes on opens no visit that has ended.
    public var opens: Bool
    /// `ADT^A01`.
    public var event: String

    public init(visit: String, state: State, from: Instant?, opens: Bool, event: String) {
        (self.visit, self.state, self.from) = (visit, state, from)
        (self.opens, self.event) = (opens, event)
    }
}
