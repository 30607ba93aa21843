/// Why an MLLP connection ends.
public enum MLLPError: Error, Hashable, Sendable, CustomStringConvertible {
    case frameTooLarge(limit: Int)
    /// So much came without a frame's first byte that the peer is no MLLP sender.
    case notMLLP(strayBytes: Int)
    case frameTooSlow(seconds: Int)
    case idle(seconds: Int)

    public var description: String {
        switch self {
        case .frameTooLarge(let limit): "a frame of more than \(limit) bytes"
        case .notMLLP(let bytes): "\(bytes) bytes without the start of a frame (0x0B)"
        case .frameTooSlow(let seconds): "a frame that did not arrive within \(seconds) s"
        case .idle(let seconds): "nothing for \(seconds) s"
        }
    }

    /// As a metric's label.
    var word: String {
        switch self {
        case .frameTooLarge: "frame-too-large"
        case .notMLLP: "not-mllp"
        case .frameTooSlow: "frame-too-slow"
        case .idle: "idle"
        }
    }
}
