import CareRecord

/// One entry of a patient policy file: the fact to record, and where it stands, for errors found later.
public struct PatientFactDraft: Hashable, Sendable {
    public var fact: PatientFact
    /// 1-based.
    public var line: Int
    /// `[3].relationshipEnded`
    public var field: String

    public init(fact: PatientFact, line: Int, field: String) {
        (self.fact, self.line, self.field) = (fact, line, field)
    }
}
