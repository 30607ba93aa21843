/// Codes of one system, as an exclusion set or a sensitivity names them.
public struct CodeList: Hashable, Sendable, Codable {
    public var system: String
    public var values: [String]
    /// Whether the codes below each are meant too. That needs a terminology.
    public var descendants: Bool
    /// The codes below those of `values`, as the region's terminology file had them when the list was applied: part of
    /// the event, so that a decision never depends on a file. Nil where nothing was expanded.
    public var expanded: [String]?

    public init(system: String, values: [String], descendants: Bool = false, expanded: [String]? = nil) {
        (self.system, self.values, self.descendants) = (system, values, descendants)
        self.expanded = expanded
    }

    /// Every code that counts.
    public var codings: [Coding] {
        (values + (expanded ?? [])).map { Coding(system: system, code: $0) }
    }
}
