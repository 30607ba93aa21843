import Glibc
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
    /// Bytes in use, of the data file, and reserved as address space by whoever writes, or wrote last: appends end there.
    public var usedBytes: UInt64
    public var fileBytes: UInt64
    public var mapBytes: UInt64
    /// Reader slots in use and in all.
    public var readers: Int
    public var maxReaders: Int
    /// Slots of processes that died without giving them back: found, and freed, by this look.
    public var staleReaders: Int
    /// Bytes free on the file system of the log.
    public var freeDiskBytes: UInt64
    public var checkpoints: Int
    /// Its own writer's, where the process writes; else what the last writer left word of, if any did.
    public var writer: WriterLimits?

    /// The share of the map that is used, 0 to 1. Past it, appends are refused as `full`: raise the map's size before.
    public var mapUse: Double { Double(usedBytes) / Double(max(mapBytes, 1)) }
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
        let (info, fileBytes, stale): (EnvironmentInfo, UInt64, Int)
        do throws(LMDBError) {
            // Before the slots are counted: those that it frees are not in use.
            stale = try storage.environment.readerCheck()
            (info, fileBytes) = (try storage.environment.info, try storage.environment.fileBytes)
        } catch { throw LogError(error) }
        let limits = writerLimits ?? WriterTimes.told(log: paths.log)
        return LogStat(
            head: head, commits: commits, tiles: tiles, unindexed: index.unindexed,
            indexedThrough: index.reach.position, messages: messages, streams: streams,
            isSimulated: try isSimulated, usedBytes: info.usedBytes, fileBytes: fileBytes,
            mapBytes: limits?.mapBytes ?? info.mapBytes, readers: info.readers, maxReaders: info.maxReaders,
            staleReaders: stale,
            freeDiskBytes: Self.freeBytes(at: paths.log), checkpoints: try checkpointSizes().count,
            writer: limits)
    }

    /// The writer's alone, without a look at the disk; nil for a reader.
    var writerLimits: WriterLimits? { writer.map { $0.times.limits($0.queue) } }

    static func freeBytes(at path: String) -> UInt64 {
        var status = statvfs()
        return statvfs(path, &status) == 0 ? UInt64(status.f_bavail) * UInt64(status.f_frsize) : 0
    }

    private func entries(_ database: Database, _ t: borrowing ReadTransaction) throws(LogError) -> UInt64 {
        do throws(LMDBError) { return try t.statistics(database).entries } catch { throw LogError(error) }
    }
}
