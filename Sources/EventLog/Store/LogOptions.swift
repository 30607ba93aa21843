/// How a log is opened. The defaults suit a server.
public struct LogOptions: Sendable {
    /// Address space for the log, bytes: not disk. Raise it when `LogError.full` is told.
    public var mapBytes = 1 << 40
    /// Address space for the indexes, bytes.
    public var indexMapBytes = 1 << 38
    /// Records waiting for the writer, at most; past it, `LogError.busy`.
    public var queueRecords = 1 << 18
    /// Bytes waiting for the writer, at most.
    public var queueBytes = 512 << 20
    /// Bytes that go into one transaction, roughly: a group stops taking in units past it.
    public var groupBytes = 32 << 20
    /// Records of an index batch. Up to four of them are in memory only, and are scanned again at open.
    public var segmentRecords: UInt64 = 65_536
    /// How long the writer waits for those that it has just answered, microseconds.
    public var lingerMicroseconds = 100
    /// The indexes are brought up to the log after so long without a full batch, microseconds.
    public var indexQuietMicroseconds = 2_000_000
    /// Where the indexes could not be written, it is tried again after so long, microseconds.
    public var indexRetryMicroseconds = 1_000_000
    /// Bytes zero-written ahead of use while the log grows; zero switches it off.
    public var zeroAheadBytes = 64 << 20
    /// False: nothing is synced before `close`, and after an unclean stop the whole store is to be thrown away. Only for a store that
    /// is being made of what can be made again, such as the demo's: to acknowledge anything on it would be a lie.
    public var syncsEachCommit = true
    public var timeSource = TimeSource.system

    public init() {}
}
