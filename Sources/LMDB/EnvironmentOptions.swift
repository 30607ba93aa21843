/// How an environment is opened.
public struct EnvironmentOptions: Sendable {
    /// Whether a transaction's end is a sync.
    public enum Durability: Sendable {
        /// Two syncs a commit: what was committed stays. The only choice for the log and the keys.
        case synchronous
        /// No syncs. After an unclean stop the environment may be torn inside: its owner must mark it as in use,
        /// and rebuild it when it finds the mark at open.
        case none
    }

    /// Address space reserved, in bytes: not disk. A transaction past it fails with `MDB_MAP_FULL`. Zero takes
    /// what the file says (for read-only environments).
    public var maxMapBytes: Int
    /// Named databases, at most.
    public var maxDatabases: Int
    /// Slots for read transactions, over all processes.
    public var maxReaders: Int
    /// What the table of 254 readers takes is four blocks of the disk; a small store's views are not much larger.
    public static let usualReaders = 254
    public var readOnly: Bool
    public var durability: Durability
    /// Leave read-ahead to the kernel. Off suits random reads of files larger than memory.
    public var readAhead: Bool

    public init(
        maxMapBytes: Int, maxDatabases: Int = 8, maxReaders: Int = usualReaders, readOnly: Bool = false,
        durability: Durability = .synchronous, readAhead: Bool = true
    ) {
        (self.maxMapBytes, self.maxDatabases, self.maxReaders) = (maxMapBytes, maxDatabases, maxReaders)
        (self.readOnly, self.durability, self.readAhead) = (readOnly, durability, readAhead)
    }
}
