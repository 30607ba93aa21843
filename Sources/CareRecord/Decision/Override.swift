import Wire

/// An override in force that the viewer declared themself, with the activity it needs.
public struct Override: Hashable, Sendable {
    public var position: Position
    public var kind: OverrideKind
    /// The rules it passes, as bits of `Rule.bit`.
    private var passes: UInt64

    /// What nothing passes is left out whatever the region says: agreement, role, staff exclusion, exclusion set.
    static let passable: Set<Rule> = [.relationship, .permission, .dissent, .objection, .directive, .label]

    init(position: Position, kind: OverrideKind, may rules: [Rule]) {
        (self.position, self.kind) = (position, kind)
        passes = rules.filter { Self.passable.contains($0) }.reduce(0) { $0 | $1.bit }
    }

    /// `open-seal`: label and open seal.
    init(openSealAt position: Position) {
        (self.position, kind) = (position, .openSeal)
        passes = Rule.label.bit | Rule.seal.bit
    }

    func passes(_ rule: Rule) -> Bool { passes & rule.bit != 0 }
}

extension [Override] {
    /// The earliest that passes the rule.
    func passing(_ rule: Rule) -> Position? { first { $0.passes(rule) }?.position }
}

extension Rule {
    fileprivate var bit: UInt64 { 1 << UInt64(Self.indices[self] ?? 63) }

    private static let indices = Dictionary(uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })
}
