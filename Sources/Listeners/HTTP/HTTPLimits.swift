/// The bounds of the HTTP side.
public struct HTTPLimits: Hashable, Sendable {
    /// Bytes of a request's body; past it 413.
    public var bodyBytes = 16 << 20
    /// Bytes of a request's target; past it 414.
    public var urlBytes = 8 << 10
    /// Bytes of a request's header fields together; past it 400, and the connection ends.
    public var headerBytes = 32 << 10
    /// Seconds that an answer may take to begin, once the whole request is there; past it 503.
    public var requestSeconds = 30
    /// Seconds that a request's head may take to be there whole: of a new connection, or after the answer before.
    public var idleSeconds = 60
    /// Seconds of grace that a body may take to come, and an answer to be taken, beside what `bytesASecond` allows.
    public var transferSeconds = 15
    /// Bytes a second, at least, at which a peer sends a body and takes an answer.
    public var bytesASecond = 16 << 10
    /// Requests that work in the store at once, at most; in a flood fewer (`AdaptiveLimit`). Past it 503, with when to come again. Health
    /// and metrics are always answered.
    public var atOnce = 128
    /// Of those, one client's at most; past it 429.
    public var atOnceByClient = 96
    /// Requests a second of one client, over a burst of twice as many; past it 429, with when to come again.
    public var requestsASecond = 20_000
    /// Bytes that all connections together hold: bodies on their way in, and answers not taken. Past it the connection that holds most, of
    /// the address that holds most, is closed.
    public var heldBytes = 256 << 20
    /// Connections at once; past it new ones wait to be accepted.
    public var connections = 10_000
    /// Of those, one address's at most; past it a new one is closed.
    public var connectionsByPeer = 9_000

    public init() {}
}
