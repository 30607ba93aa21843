/// What a person must look at, as a hospital's message asked for it (decision 8, clauses 25, 27 and 29).
struct OpenedReview: Sendable {
    /// As `identity review list` names it.
    var reason: String
    /// One, or two: the message's own patient first.
    var subjects: [SubjectName]
}
