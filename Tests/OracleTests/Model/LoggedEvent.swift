/// One event of the log as the oracle knows it: where the store put it, and what the generator meant by it.
struct LoggedEvent: Sendable {
    enum What: Sendable {
        /// Nothing that a view reads: the store's making, quarantine, housekeeping.
        case nothing
        /// A region file applied, and where the facts that it made stand, by what they are about.
        case region(RegionSpec, facts: [String: UInt64])
        case fact(FactSpec)
        case update(MessageSpec, about: SubjectName)
        /// A link that the store made by itself.
        case link(SubjectName, SubjectName)
        /// A review that a message opened: no view reads it.
        case review(OpenedReview)
        /// The review opened there was decided.
        case reviewDecided(UInt64)
        /// A receipt, with the positions of the `once` permissions it spent.
        case receipt(spent: [UInt64])
    }

    var position: UInt64
    /// Microseconds.
    var time: Int64
    var batchFirst: UInt64
    var batchLast: UInt64
    var what: What

    var isRegion: Bool { if case .region = what { true } else { false } }
    var isUpdate: Bool { if case .update = what { true } else { false } }
}
