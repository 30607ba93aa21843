import CareRecord

/// What a feed's message says beside its resources: of the patient's relationship with the sender, and of who is whom.
///
/// What becomes of it depends on what came before; whoever appends the message decides (decisions 8 and 20).
public enum FeedEvent: Hashable, Sendable {
    case visit(VisitChange)
    case care(CareStatement)
    case merged(survivor: SubjectID, retired: SubjectID)
    /// With the birth date of the other, where the message says it.
    case linked(SubjectID, SubjectID, otherBorn: String?)
    case unlinked(SubjectID, SubjectID)
    /// Something that a person must decide.
    case review(ReviewReason, SubjectID, SubjectID?)
}
