/// The bounds of an MLLP listener.
public struct MLLPLimits: Hashable, Sendable {
    /// Bytes of a message between its framing bytes.
    public var frameBytes = 16 << 20
    /// Bytes skipped between two frames, before the peer is taken for something else and closed.
    public var strayBytes = 64 << 10
    /// Connections at once, idle ones included.
    public var connections = 10_000
    /// Of those, one address's at most.
    public var connectionsByPeer = 5_000
    /// Bytes of messages without an answer yet, half sent or read ahead, of all connections together.
    public var heldBytes = 256 << 20
    /// Seconds that TLS may take to begin.
    public var handshakeSeconds = 10
    /// Seconds that a connection may say nothing between messages; 0: for ever.
    public var idleSeconds = 0
    /// Seconds that a frame, once begun, may take to arrive.
    public var frameSeconds = 60
    /// Messages a second of one connection, over a burst of as many; past it the connection waits.
    public var messagesASecond = 2_000

    public init() {}
}
