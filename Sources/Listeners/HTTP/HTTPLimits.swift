/// The bounds of the HTTP side.
public struct HTTPLimits: Hashable, Sendable {
    /// Bytes of a request's body; past it 413.
    public var bodyBytes = 16 << 20
    /// Bytes of a request's target; past it 414.
    public var urlBytes = 8 << 10
    /// Seconds that an answer may take to begin; past it 503.
    public var requestSeconds = 30
    /// Requests at once; past it 503, with when to come again.
    public var atOnce = 512

    public init() {}
}
