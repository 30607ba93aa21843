import Wire

/// What a region no longer declares: an agreement, a user, a role … by its id.
public struct RegionEnd: Hashable, Sendable, Codable {
    public var id: String
    /// The user whose role profile or licence it is.
    public var user: String?
    /// From when it is over; nil: the recorded instant.
    public var from: Instant?

    public init(id: String, user: String? = nil, from: Instant? = nil) {
        (self.id, self.user, self.from) = (id, user, from)
    }
}
