/// Codes of one system, as an exclusion set or a sensitivity names them.
public struct CodeList: Hashable, Sendable, Codable {
    public var system: String
    public var values: [String]
    /// Whether the codes below each are meant too. That needs a terminology.
    public var descendants: Bool

    public init(system: String, values: [String], descendants: Bool = false) {
        (self.system, self.values, self.descendants) = (system, values, descendants)
    }

    public var codings: [Coding] { values.map { Coding(system: system, code: $0) } }
}
