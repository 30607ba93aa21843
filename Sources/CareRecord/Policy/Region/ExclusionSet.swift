/// Codes never shared with another organisation, whatever an agreement says.
public struct ExclusionSet: Hashable, Sendable, Codable {
    /// What becomes of narrative text that may tell what the codes hide.
    public enum Narrative: String, Hashable, Sendable, Codable, CaseIterable { case withhold, keep }

    public var id: String
    public var reason: String
    public var narrative: Narrative
    public var codes: [CodeList]

    public init(id: String, reason: String, narrative: Narrative = .withhold, codes: [CodeList]) {
        (self.id, self.reason, self.narrative, self.codes) = (id, reason, narrative, codes)
    }
}
