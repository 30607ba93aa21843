import LMDB
import Wire

/// Goes through the commit entries in order, in short read transactions.
struct CommitWalk {
    typealias Item = (time: Instant, entry: CommitEntry?)

    private static let batch = 1024

    private let storage: LogEnvironment
    /// Entries read ahead; nil in place of one that does not decode.
    private var ahead: [Item] = []
    private var at = 0
    private var nextKey: UInt64? = 0

    /// - Parameter time: entries after it are shown; nil for all.
    init(_ storage: LogEnvironment, after time: Instant? = nil) {
        self.storage = storage
        if let time {
            let key = CommitEntry.key(time)
            nextKey = key == .max ? nil : key + 1
        }
    }

    /// The entries up to a time, which must ascend from call to call; its own is the last, where there is one.
    mutating func entries(through time: Instant) throws(LogError) -> [Item] {
        var found: [Item] = []
        while true {
            if at == ahead.count {
                try readOn()
                if ahead.isEmpty { return found }
            }
            if ahead[at].time > time { return found }
            found.append(ahead[at])
            at += 1
            if found[found.count - 1].time == time { return found }
        }
    }

    private mutating func readOn() throws(LogError) {
        (ahead, at) = ([], 0)
        guard let from = nextKey else { return }
        let read = try storage.environment.withReadTransaction {
            (t: borrowing ReadTransaction) throws(LogError) in
            try t.withCursor(storage.commits) { (cursor: inout Cursor) throws(LogError) in
                try Self.read(from, &cursor)
            }
        }
        ahead = read
        nextKey = read.count < Self.batch ? nil : CommitEntry.key(read[read.count - 1].time) + 1
    }

    private static func read(
        _ from: UInt64, _ cursor: inout Cursor
    ) throws(LogError) -> [Item] {
        var out: [Item] = []
        var more = try cursor.seek(from, LogError.self)
        while more, out.count < batch {
            if cursor.key.count == 8 {
                let time = CommitEntry.time(ofKey: cursor.key.big(0, as: UInt64.self))
                let entry: CommitEntry?
                do throws(LogError) {
                    entry = try CommitEntry(key: cursor.key, value: cursor.value)
                } catch { entry = nil }
                out.append((time, entry))
            }
            more = try cursor.next(LogError.self)
        }
        return out
    }
}
