import Wire

/// Permit or withhold, the rule that decided, and the positions of the events that decided: ascending, each once.
public struct Decision: Hashable, Sendable {
    public var permit: Bool
    public var rule: Rule
    public var basis: [Position]
    /// Of a withholding: what of it may be told.
    public var disclosure = Disclosure.counted
    /// Of a permit: what must be taken out of the item before it is shown.
    public var redaction: Redaction = []

    public static func permit(_ rule: Rule, _ basis: [Position]) -> Decision {
        Decision(permit: true, rule: rule, basis: ordered(basis))
    }

    public static func withhold(_ rule: Rule, _ basis: [Position]) -> Decision {
        Decision(permit: false, rule: rule, basis: ordered(basis))
    }

    public init(permit: Bool, rule: Rule, basis: [Position]) {
        (self.permit, self.rule, self.basis) = (permit, rule, basis)
    }

    func disclosing(_ disclosure: Disclosure) -> Decision {
        var out = self
        out.disclosure = disclosure
        return out
    }

    static func ordered(_ positions: [Position]) -> [Position] {
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

/// What may be told of a withheld item.
public enum Disclosure: UInt8, Hashable, Sendable {
    /// Category, count and rule, to roles with `view-withheld`.
    case counted
    /// That, and "sealed item" with its source, to roles with `open-seal`.
    case sealedItem
    /// Nothing, to anyone but the author's workgroup and a case.
    case nothing
}

/// What must be taken out of an item that is shown.
public struct Redaction: OptionSet, Hashable, Sendable {
    public let rawValue: UInt8

    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Narrative that may tell what an exclusion set hides.
    public static let narrative = Redaction(rawValue: 1)
    /// Address, telephone, practice, contacts, source and location names of a shielded patient.
    public static let location = Redaction(rawValue: 2)
}

/// What the per-viewer rules say.
public enum ViewerDecision {
    /// The viewer may ask; each item is decided by the context.
    case permit(ViewerContext)
    /// A viewer-level rule ends it.
    case withhold(Decision, ViewerIdentity)
    /// A rule ends it that must not show itself: a staff exclusion, or a shield. The viewer is told what they would be
    /// of a patient nobody has heard of.
    case concealed(Decision, told: Decision, ViewerIdentity)
    /// The question is incomplete: the role profile must be chosen. Says of which.
    case usage(String)
}
