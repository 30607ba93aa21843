/// What a writer did while others asked, in its order: nothing that a position is known of before the end.
enum WrittenStep: Sendable {
    case region(RegionSpec, facts: [String: UInt64])
    case facts([FactSpec])
    case message(MessageSpec)
}
