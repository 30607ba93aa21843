import LMDB
import Wire

/// The log's environment and databases, and the reads that everything else is made of.
struct LogEnvironment: Sendable {
    static let format: UInt32 = 1

    let environment: Environment
    let records: Database
    let tiles: Database
    let commits: Database
    let meta: Database
    /// Nil in a reader's process where no writer has opened the log since there are checkpoints.
    let checkpoints: Database?

    /// - Throws: `notFound` where no log is there and none is to be created; `damaged` for another format.
    ///
    /// - Parameter checkingFormat: false to look at a log whatever it says of itself.
    init(
        path: String, mapBytes: Int, readOnly: Bool, syncs: Bool = true, checkingFormat: Bool = true
    ) throws(LogError) {
        let fresh = !StoreDirectory.exists(path + "/data.mdb")
        if fresh && readOnly { throw .notFound(what: "a log at \(path)") }
        do throws(LMDBError) {
            environment = try Environment(
                path: path,
                options: EnvironmentOptions(
                    maxMapBytes: readOnly ? 0 : mapBytes, readOnly: readOnly,
                    durability: syncs ? .synchronous : .none))
            records = try environment.openDatabase("records", create: !readOnly)
            tiles = try environment.openDatabase("tiles", create: !readOnly)
            commits = try environment.openDatabase("commits", create: !readOnly)
            meta = try environment.openDatabase("meta", create: !readOnly)
            checkpoints = try Self.openCheckpoints(environment)
            try environment.readerCheck()
        } catch { throw LogError(error) }
        if checkingFormat { try checkFormat(readOnly: readOnly) }
        if fresh { try StoreDirectory.sync(path) }
    }

    private static func openCheckpoints(_ environment: Environment) throws(LMDBError) -> Database? {
        do throws(LMDBError) {
            return try environment.openDatabase("checkpoints", create: !environment.options.readOnly)
        } catch {
            if error.isNotFound { return nil }
            throw error
        }
    }

    func checkFormat(readOnly: Bool) throws(LogError) {
        let key = Array("format".utf8)
        let found = try environment.withReadTransaction { (t: borrowing ReadTransaction) throws(LogError) in
            try t.get(meta, key) { (v) throws(LogError) in v.count == 4 ? v.big(0, as: UInt32.self) : 0 }
        }
        if let found {
            if found != Self.format {
                throw .damaged(what: "the log's format is \(found), not \(Self.format)")
            }
            return
        }
        if readOnly { throw .damaged(what: "the log has no format entry") }
        var value = ByteWriter()
        value.u32(Self.format)
        do throws(LMDBError) {
            try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LMDBError) in
                try t.put(meta, key, value.bytes)
            }
        } catch { throw LogError(error) }
    }

    // MARK: Reads

    /// The header at a position.
    func header(
        at position: Position, in t: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> RecordHeader {
        let found = try t.get(records, position.value) { (v) throws(LogError) in
            try RecordHeader(parsing: v, at: position)
        }
        guard let found else { throw .notFound(what: "position \(position)") }
        return found
    }

    /// The head as the last commit entry tells it.
    func head(in t: borrowing some Transaction & ~Copyable) throws(LogError) -> LogHead {
        try t.withCursor(commits) { (cursor: inout Cursor) throws(LogError) in
            let any: Bool
            do throws(LMDBError) { any = try cursor.last() } catch { throw LogError(error) }
            if !any { return LogHead.empty }
            return try CommitEntry(key: cursor.key, value: cursor.value).head
        }
    }

    /// The Merkle frontier at a size, from tiles and at most 255 headers.
    func frontier(
        size: UInt64, in t: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> MerkleFrontier {
        var frontier = MerkleFrontier()
        var level = 7
        while level >= 1 {
            let through = size >> UInt64(8 * level)
            var index = frontier.count >> UInt64(8 * level)
            while index < through {
                guard let node = try tile(level: level, index: index, in: t) else {
                    let first = Position(index << UInt64(8 * level) + 1)
                    throw .corrupt(
                        position: first, what: "the tile of level \(level) from here on is missing")
                }
                frontier.appendSubtree(node, height: 8 * level) { _, _, _ in }
                index += 1
            }
            level -= 1
        }
        while frontier.count < size {
            let position = Position(frontier.count + 1)
            let leaf = try t.get(records, position.value) { (v) throws(LogError) in
                _ = try RecordHeader(parsing: v, at: position)
                return RecordLeaf.hash(v)
            }
            guard let leaf else { throw .corrupt(position: position, what: "the record is missing") }
            frontier.append(leaf)
        }
        return frontier
    }

    func tile(
        level: Int, index: UInt64, in t: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> Digest? {
        try t.get(tiles, TileKey.bytes(level: level, index: index)) { (v) throws(LogError) in
            guard v.count == Digest.byteCount else {
                let first = Position(index << UInt64(8 * level) + 1)
                throw .corrupt(
                    position: first, what: "the tile of level \(level) from here on has \(v.count) bytes")
            }
            return v.digest(0)
        }
    }
}

/// Keys of tiles: level u8 ‖ index u64.
enum TileKey {
    static func bytes(level: Int, index: UInt64) -> [UInt8] {
        var key = ByteWriter(capacity: 9)
        key.u8(UInt8(level))
        key.u64(index)
        return key.bytes
    }
}
