import Wire

/// As of when a decision is made: facts at positions up to `position` count, and their periods are compared with
/// `instant`.
///
/// *Could see at T*: the instant T and the position it resolves to. *Should have seen at T*: the instant T and the
/// position of what is known since.
public struct DecisionPoint: Hashable, Sendable {
    public var instant: Instant
    public var position: Position

    public init(instant: Instant, position: Position) { (self.instant, self.position) = (instant, position) }
}
