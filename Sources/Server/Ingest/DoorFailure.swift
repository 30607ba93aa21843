/// Why what came to a door has no outcome.
public enum DoorFailure: Error, Sendable, CustomStringConvertible {
    /// Nothing of it is in the log: the same may be sent again.
    case notTaken(String)
    /// The log failed while it was written: whether it is there is not known. To send the same again is safe.
    case unknown(String)
    /// It can never be taken from whom it came.
    case usage(String)

    /// Of what went wrong before the log was given anything.
    init(_ error: StoreError) {
        switch error {
        case .usage(let text): self = .usage(text)
        default: self = .notTaken("\(error)")
        }
    }

    public var description: String {
        switch self {
        case .notTaken(let text), .unknown(let text), .usage(let text): text
        }
    }
}
