import LMDB
import Wire

/// What a log is made of.
public struct LogStat: Sendable, Hashable {
    public var head: LogHead
    public var commits: UInt64
    public var tiles: UInt64
    /// Records that only memory's part of the indexes holds.
    public var unindexed: UInt64
    public var indexedThrough: Position
    public var messages: UInt64
    public var streams: UInt64
    public var isSimulated: Bool
    /// Bytes in use, of the data file, and reserved as address space.
    public var usedBytes: UInt64
    public var fileBytes: UInt64
    public var mapBytes: UInt64
    /// Reader slots in use and in all.
    public var readers: Int
    public var maxReaders: Int
}

extension EventLog {
    /// Counts and sizes, for `log stat` and metrics.
    public func stat() throws(LogError) -> LogStat {
        let head = try head
        let (commits, tiles) = try read { (t: borrowing ReadTransaction) throws(LogError) in
            (try entries(storage.commits, t), try entries(storage.tiles, t))
        }
        let (messages, streams) = try index.environment.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) in
            (try entries(index.environment.messages, t), try entries(index.environment.streams, t))
        }
        let (info, fileBytes): (EnvironmentInfo, UInt64)
        do throws(LMDBError) {
            (info, fileBytes) = (try storage.environment.info, try storage.environment.fileBytes)
        } catch { throw LogError(error) }
        return LogStat(
            head: head, commits: commits, tiles: tiles, unindexed: index.unindexed,
            indexedThrough: index.reach.position, messages: messages, streams: streams,
            isSimulated: try isSimulated, usedBytes: info.usedBytes, fileBytes: fileBytes,
            mapBytes: info.mapBytes, readers: info.readers, maxReaders: info.maxReaders)
    }

    private func entries(_ database: Database, _ t: borrowing ReadTransaction) throws(LogError) -> UInt64 {
        do throws(LMDBError) { return try t.statistics(database).entries } catch { throw LogError(error) }
    }
}
