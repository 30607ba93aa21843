import Wire

/// One planted misuse: who looked at whom, when, and what makes it one.
public struct Misuse: Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case ownRecord = "own-record"
        case surname, address, colleague
        case watchedPerson = "watched-person"
        case deceased
        case outOfHours = "out-of-hours"
        case leaver
        case consecutiveIdentifiers = "consecutive-identifiers"
        case aboveOwnNorm = "above-own-norm"
        case selfClaim = "snooping-by-self-claim"
        case override = "snooping-by-override"
        case withoutRelationship = "snooping-refused"
    }

    /// By what they got in, or tried to.
    public enum Means: String, Sendable {
        case selfClaim = "self-claim"
        case override
        /// Whatever relationship their organisation had, or none.
        case asTheyWere = "none"
    }

    /// `misuse-17`, and for each of several accesses `misuse-17.3`.
    public var id: String
    public var kind: Kind
    public var user: String
    public var patient: String
    public var time: Instant
    public var means: Means
    public var note: String
}
