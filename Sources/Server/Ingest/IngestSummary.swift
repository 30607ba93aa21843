import Wire

/// What became of the messages of one `ingest`.
public struct IngestSummary: Hashable, Sendable {
    public var messages = 0
    public var accepted = 0
    public var duplicate = 0
    public var quarantined = 0
    /// First and last position appended; nil where nothing was.
    public var first: Position?
    public var last: Position?
    /// What was quarantined, and messages taken whose id had come before with other bytes.
    public var notes: [Note] = []

    public struct Note: Hashable, Sendable {
        public enum Kind: String, Hashable, Sendable {
            case quarantined
            case sameIDOtherBytes = "same-id-other-bytes"
            /// Taken, and somebody should know.
            case raised
            /// A corrected message took the place of one in quarantine.
            case closedQuarantine = "closed-quarantine"
        }
        public var kind: Kind
        public var position: Position
        public var file: String?
        public var line: Int?
        public var text: String
    }

    public init() {}

    mutating func cover(_ first: Position, _ last: Position) {
        self.first = min(self.first ?? first, first)
        self.last = max(self.last ?? last, last)
    }
}
