import CareRecord
import Wire

/// A page of the feed: what a caller may see of that changed after a position.
public struct FeedRequest: Sendable {
    public var caller: Caller
    /// Changes recorded after it. Inside a batch it means the batch's end.
    public var after: Position
    /// Changes recorded up to it; nil: up to the newest.
    public var through: Position?
    /// Lines after which the page ends with its batch.
    public var lines: Int
    /// The first page of an answer has a receipt, also where it tells nothing.
    public var isFirst: Bool

    /// Records that a page looks at, at most.
    static let maximumRecords = 20_000
    /// Batches about patients that a page decides, at most.
    static let maximumBatches = 64
    /// Lines after which a page ends with its batch.
    static let maximumLines = 1000

    public init(caller: Caller, after: Position, through: Position? = nil, lines: Int, isFirst: Bool) {
        (self.caller, self.after, self.through) = (caller, after, through)
        (self.lines, self.isFirst) = (lines, isFirst)
    }
}

/// What a page tells, once its receipts are durable: only now may its bytes leave.
public struct FeedPage: Sendable {
    /// One changed resource.
    public struct Line: Sendable {
        /// Of the batch that changed it.
        public var position: Position
        public var json: [UInt8]
    }

    /// By position; those of one batch stand together, in one page.
    public var lines: [Line]
    /// What the next page comes after.
    public var next: Position
    /// The newest record when the page was read.
    public var head: Position
    /// The version of the region's policy.
    public var policy: Position
    /// The first of the page's receipts; nil where a page after the first tells nothing.
    public var receipt: Position?
}
