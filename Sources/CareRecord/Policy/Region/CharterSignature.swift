import Wire

/// A partner's signature under the region's information sharing charter.
public struct CharterSignature: Hashable, Sendable, Codable {
    public var ods: String
    /// The start of the day it was signed.
    public var from: Instant

    public init(ods: String, from: Instant) { (self.ods, self.from) = (ods, from) }
}
