/// One source message, receipt or fact: a batch that is appended whole, at contiguous positions, or not at all.
public struct Proposal: Sendable {
    public var records: [SealedRecord]
    /// All must hold; the first that does not is named in the refusal.
    public var conditions: [Condition]

    /// The message key is the first record's; other records carry none.
    public init(records: [SealedRecord], conditions: [Condition] = []) {
        (self.records, self.conditions) = (records, conditions)
    }

    /// What is checked for duplicates, if anything is.
    public var message: MessageKey? { records.first?.message }
}
