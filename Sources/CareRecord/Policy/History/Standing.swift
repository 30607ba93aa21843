import Wire

/// Whether something declared is in force at a point, and which event says so.
public enum Standing<Terms: Sendable>: Sendable {
    /// Nothing is known of it by the position.
    case unknown
    /// Known, and not in force: the position of the event that ended it, or of the declaration whose period does not
    /// cover the instant.
    case notInForce(decidedBy: Position)
    case inForce(Terms, position: Position)

    public var terms: Terms? {
        guard case .inForce(let terms, _) = self else { return nil }
        return terms
    }

    /// The position of the event that decides: empty where nothing is known.
    public var basis: [Position] {
        switch self {
        case .unknown: []
        case .notInForce(let position), .inForce(_, let position): [position]
        }
    }
}
