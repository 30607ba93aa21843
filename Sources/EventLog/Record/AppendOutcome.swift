import Wire

/// What became of one proposal. All are durable when they are told.
public enum AppendOutcome: Hashable, Sendable {
    case appended(Appended)
    /// The same message, byte for byte, was appended before: its acknowledgement stands.
    case duplicate(of: Position, recordedAt: Instant)
    /// A condition did not hold; `movedAt` is the position that moved it. Nothing was appended.
    case refused(Condition, movedAt: Position)

    /// Where an accepted proposal stands.
    public struct Appended: Hashable, Sendable {
        public var first: Position
        public var last: Position
        public var recordedAt: Instant
        /// Where the same message id stands with other bytes: taken as new, to be raised.
        public var sameIDOtherBytes: Position?

        public init(first: Position, last: Position, recordedAt: Instant, sameIDOtherBytes: Position? = nil) {
            (self.first, self.last, self.recordedAt) = (first, last, recordedAt)
            self.sameIDOtherBytes = sameIDOtherBytes
        }
    }
}
