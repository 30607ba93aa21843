import Wire

/// Where a log ends.
public struct LogHead: Hashable, Sendable {
    /// The newest record's position; `.start` of an empty log.
    public var position: Position
    /// When it was recorded; `Instant.distantPast` of an empty log.
    public var recordedAt: Instant
    /// The Merkle root over all records.
    public var root: Digest

    public init(position: Position, recordedAt: Instant, root: Digest) {
        (self.position, self.recordedAt, self.root) = (position, recordedAt, root)
    }

    public static let empty = LogHead(position: .start, recordedAt: .distantPast, root: MerkleTree.emptyRoot)
}
