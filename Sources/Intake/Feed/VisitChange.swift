import Wire

/// One visit, as a message about it says.
public struct VisitChange: Hashable, Sendable {
    /// What the visit goes by at its source.
    public var visit: String
    public var state: RelationshipState
    /// When the patient came, where the message says so.
    public var from: Instant?
    /// Whether the message says that the visit opens; one that merely goes on opens no visit that has ended.
    public var opens: Bool
    /// `ADT^A01`.
    public var event: String

    public init(visit: String, state: RelationshipState, from: Instant?, opens: Bool, event: String) {
        (self.visit, self.state, self.from) = (visit, state, from)
        (self.opens, self.event) = (opens, event)
    }
}
