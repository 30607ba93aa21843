import Wire

/// What `verify` found.
public struct VerifyReport: Sendable, Hashable {
    /// Something that is not what was written.
    public struct Problem: Sendable, Hashable, CustomStringConvertible {
        /// The first position it concerns; `.start` where it concerns none.
        public var position: Position
        public var what: String

        public init(position: Position, what: String) { (self.position, self.what) = (position, what) }

        public var description: String { "\(position): \(what)" }
    }

    /// The head that was verified up to.
    public var head: LogHead
    /// Records up to here were vouched for before, and were not read: `.start` where all were.
    public var from = Position.start
    /// Where this run went on: an earlier, interrupted one read what is before, and its findings are counted here. Nil where there was none.
    public var resumedBehind: Position?
    public var records: UInt64 = 0
    public var commits: UInt64 = 0
    public var tiles: UInt64 = 0
    /// Signed checkpoints compared with the tree.
    public var checkpoints: UInt64 = 0
    /// The first of the log's problems, by position, `VerifyReport.problemsKept` at most.
    public var problems: [Problem] = []
    /// All of the log's problems.
    public var problemCount: UInt64 = 0
    /// What is wrong with the indexes. They can be deleted, and are built anew from the log.
    public var indexProblems: [Problem] = []
    /// The last position that a commit's root vouches for with all before it: the first problem stands behind it.
    public var trustworthyThrough = Position.start

    /// Whether the indexes were compared.
    public var indexesChecked = false
    /// There are more streams than are kept in memory: all of the indexes but theirs was compared.
    public var hasTooManyStreams = false

    public static let problemsKept = 100

    /// The first bad position.
    public var firstBad: Position? { problems.first?.position }
    /// Every record, tile, commit and index entry is what was written.
    public var isSound: Bool { problemCount == 0 && indexProblems.isEmpty }

    mutating func note(_ position: Position, _ what: String) {
        problemCount += 1
        let at = problems.lastIndex { $0.position <= position }.map { $0 + 1 } ?? 0
        problems.insert(Problem(position: position, what: what), at: at)
        if problems.count > Self.problemsKept { problems.removeLast() }
    }
}
