import Wire

/// How a relationship stands, as a source's message says.
public enum RelationshipState: Hashable, Sendable {
    /// It stands, or does until then.
    case open(until: Instant?)
    case ended(Instant)
    /// It stands no more when this is said; since when is not said.
    case over
    /// What was said to be never was, or is not yet.
    case neverWas
}
