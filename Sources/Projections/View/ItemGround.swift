import Wire

/// Why items are shown: one for a run of neighbours, which have it in common. An item is copied often, and this is one reference of it.
final class ItemGround: Sendable {
    /// The source's ODS code; empty where a shield hides it.
    let source: String
    let rule: String
    let basis: [Position]

    init(source: String, rule: String, basis: [Position]) {
        (self.source, self.rule, self.basis) = (source, rule, basis)
    }
}
