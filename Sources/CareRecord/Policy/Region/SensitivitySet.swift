/// Codes that carry a label; an item with a label needs a role that has it.
public struct SensitivitySet: Hashable, Sendable, Codable {
    public var label: String
    public var codes: [CodeList]

    public init(label: String, codes: [CodeList]) { (self.label, self.codes) = (label, codes) }
}
