import Wire

/// Permit or withhold, the rule that decided, and the positions of the events that decided: ascending, each once.
public struct Decision: Hashable, Sendable {
    public var permit: Bool
    public var rule: Rule
    public var basis: [Position]

    public static func permit(_ rule: Rule, _ basis: [Position]) -> Decision {
        Decision(permit: true, rule: rule, basis: ordered(basis))
    }

    public static func withhold(_ rule: Rule, _ basis: [Position]) -> Decision {
        Decision(permit: false, rule: rule, basis: ordered(basis))
    }

    private static func ordered(_ positions: [Position]) -> [Position] {
        guard positions.count > 1 else { return positions }
        var out = positions.sorted()
        var kept = 1
        for index in 1..<out.count where out[index] != out[kept - 1] {
            out[kept] = out[index]
            kept += 1
        }
        out.removeLast(out.count - kept)
        return out
    }
}

/// What the per-viewer rules say.
public enum ViewerDecision {
    /// The viewer may ask; each item is decided by the context.
    case permit(ViewerContext)
    /// A viewer-level rule ends it.
    case withhold(Decision, ViewerIdentity)
    /// The question is incomplete: the role profile must be chosen. Says of which.
    case usage(String)
}
