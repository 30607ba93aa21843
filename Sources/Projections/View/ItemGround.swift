import Wire

/// What a run of neighbouring items has in common: the bytes they lie in, and why they are shown. An item is copied often, and this is its
/// one reference.
final class ItemGround: Sendable {
    /// Of the items' subject.
    let buffers: RecordBuffers
    /// The source's ODS code; empty where a shield hides it.
    let source: String
    let rule: String
    let basis: [Position]

    init(_ buffers: RecordBuffers, source: String, rule: String, basis: [Position]) {
        (self.buffers, self.source, self.rule, self.basis) = (buffers, source, rule, basis)
    }
}
