/// Why an MLLP connection ends.
public enum MLLPError: Error, Hashable, Sendable, CustomStringConvertible {
    case frameTooLarge(limit: Int)
    /// So much came without a frame's first byte that the peer is no MLLP sender.
    case notMLLP(strayBytes: Int)
    case frameTooSlow(seconds: Int)
    case idle(seconds: Int)
    case handshakeTooSlow(seconds: Int)
    /// All connections together held more than they may, and this one the most.
    case tooMuchHeld(limit: Int)

    public var description: String {
        switch self {
        case .frameTooLarge(let limit): "a frame of more than \(limit) bytes"
        case .notMLLP(let bytes): "\(bytes) bytes without the start of a frame (0x0B)"
        case .frameTooSlow(let seconds): "a frame that did not arrive within \(seconds) s"
        case .idle(let seconds): "nothing for \(seconds) s"
        case .handshakeTooSlow(let seconds): "no TLS after \(seconds) s"
        case .tooMuchHeld(let limit):
            "messages half sent held more than \(limit) bytes, and this connection's the most; send it again"
        }
    }

    /// As a metric's label.
    var word: String {
        switch self {
        case .frameTooLarge: "frame-too-large"
        case .notMLLP: "not-mllp"
        case .frameTooSlow: "frame-too-slow"
        case .idle: "idle"
        case .handshakeTooSlow: "handshake-too-slow"
        case .tooMuchHeld: "too-much-held"
        }
    }
}
