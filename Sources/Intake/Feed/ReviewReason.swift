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
