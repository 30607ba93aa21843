/// The bounds of the HTTP side.
public struct HTTPLimits: Hashable, Sendable {
    /// Bytes of a request's body; past it 413.
    public var bodyBytes = 16 << 20
    /// Bytes of a request's target; past it 414.
    public var urlBytes = 8 << 10
    /// Seconds that an answer may take to begin; past it 503.
    public var requestSeconds = 30
    /// Requests that work in the store at once, at most; in a flood fewer (`AdaptiveLimit`). Past it 503, with when to come again. Health
    /// and metrics are always answered.
    public var atOnce = 128
    /// Connections at once; past it new ones wait to be accepted.
    public var connections = 10_000

    public init() {}
}
