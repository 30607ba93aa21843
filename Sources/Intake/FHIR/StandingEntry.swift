/// An entry of a transaction whose `ifNoneExist` found a resource.
public struct StandingEntry: Hashable, Sendable {
    /// From 0.
    public var number: Int
    public var type: String
    /// The source's own id of what was found.
    public var sourceID: String
}
