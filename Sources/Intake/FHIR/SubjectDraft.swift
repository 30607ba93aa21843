import CareRecord

/// The items of one message that belong to one subject, in the order sent.
public struct SubjectDraft: Sendable {
    public var subject: SubjectID
    public var items: [ItemDraft]

    public init(subject: SubjectID, items: [ItemDraft]) { (self.subject, self.items) = (subject, items) }
}
