import LMDB
import Wire

extension EventLog {
    /// Where the log ends. In a reader's process, where it ends now.
    public var head: LogHead {
        get throws(LogError) {
            if mode == .readOnly { try refresh() }
            return board.head
        }
    }

    /// In a reader's process: takes in what another process has appended since.
    func refresh() throws(LogError) {
        func newest() throws(LogError) -> LogHead {
            try read { (t: borrowing ReadTransaction) throws(LogError) in try storage.head(in: t) }
        }
        if try newest().position <= board.head.position { return }
        try refreshing.withLock { (_) throws(LogError) in
            try index.adopt(try index.environment.reach())
            // The head after the index, which is written behind it: what the index holds is not past it.
            let head = try newest()
            if head.position <= board.head.position { return }
            try index.catchUp(storage, through: head.position, flushing: false)
            board.publish(head)
        }
    }

    func read<R>(_ body: (borrowing ReadTransaction) throws(LogError) -> R) throws(LogError) -> R {
        try storage.environment.withReadTransaction(body)
    }

    // MARK: By position

    /// The header at a position, checked.
    ///
    /// - Throws: `notFound` past the head and at `.start`; `corrupt`.
    public func header(at position: Position) throws(LogError) -> RecordHeader {
        try read { (t: borrowing ReadTransaction) throws(LogError) in try storage.header(at: position, in: t)
        }
    }

    /// The record at a position, header and parts checked against each other.
    ///
    /// - Throws: `notFound` past the head and at `.start`; `corrupt`.
    public func read(at position: Position) throws(LogError) -> StoredRecord {
        let found = try read { (t: borrowing ReadTransaction) throws(LogError) in
            try t.get(storage.records, position.value) { (v) throws(LogError) in
                try StoredRecordView(v, at: position, checkingParts: true).copied()
            }
        }
        guard let found else { throw .notFound(what: "position \(position)") }
        return found
    }

    /// The last position of the batch that a position is in: an answer as of the one is as of the other.
    public func batchEnd(of position: Position) throws(LogError) -> Position {
        position == .start ? .start : try header(at: position).batchEnd
    }

    /// What a scan's body says of going on.
    public enum ScanStep: Sendable { case goOn, stop }

    /// Shows the records of a range in order, each checked, in short read transactions of at most `batchBytes`.
    ///
    /// The body runs inside a read transaction: it may not wait for anything. A range past the head ends there.
    /// - Parameter checkingParts: hash the parts against the header. Leave it off only where each part is opened
    ///   anyway, which authenticates it.
    /// - Returns: the last position shown, `from`'s predecessor where there was none.
    @discardableResult
    public func scan(
        from: Position, through: Position, batchBytes: Int = 1 << 20, checkingParts: Bool = true,
        _ body: (borrowing StoredRecordView) throws(LogError) -> ScanStep
    ) throws(LogError) -> Position {
        var next = max(from, Position(1))
        var stopped = false
        while !stopped, next <= through {
            let start = next
            try read { (t: borrowing ReadTransaction) throws(LogError) in
                try t.withCursor(storage.records) { (cursor: inout Cursor) throws(LogError) in
                    var bytes = 0
                    var more = try cursor.seek(start.value, LogError.self)
                    while more, bytes < batchBytes, next <= through {
                        let view = try Self.view(cursor, at: next, checkingParts: checkingParts)
                        bytes += view.bytes.count
                        BackgroundWork.giveWay(view.bytes.count)
                        next = next.next
                        if try body(view) == .stop {
                            stopped = true
                            return
                        }
                        more = try cursor.next(LogError.self)
                    }
                }
            }
            if next == start { break }
        }
        return Position(next.value - 1)
    }

    /// Shows the records at some positions, one after the other, in one read transaction: keep them to a few megabytes.
    ///
    /// Parts are not hashed against the header: whoever opens one does that. As with `scan`, the body may not wait for anything.
    /// - Throws: `corrupt` where a record is not what was written, or is missing.
    public func show(
        _ positions: some Sequence<Position>,
        _ body: (borrowing StoredRecordView) throws(LogError) -> ScanStep
    ) throws(LogError) {
        try read { (t: borrowing ReadTransaction) throws(LogError) in
            try t.withCursor(storage.records) { (cursor: inout Cursor) throws(LogError) in
                for position in positions {
                    guard try cursor.seek(position.value, LogError.self) else {
                        throw .corrupt(position: position, what: "the record is missing")
                    }
                    if try body(Self.view(cursor, at: position, checkingParts: false)) == .stop { return }
                }
            }
        }
    }

    private static func view(
        _ cursor: borrowing Cursor, at position: Position, checkingParts: Bool
    ) throws(LogError) -> StoredRecordView {
        guard cursor.key.count == 8, cursor.key.big(0, as: UInt64.self) == position.value else {
            throw .corrupt(position: position, what: "the record is missing")
        }
        return try StoredRecordView(cursor.value, at: position, checkingParts: checkingParts)
    }

    // MARK: By time

    /// The last position recorded at or before an instant; `.start` before the first record.
    ///
    /// The answer is final once the head is later than the instant.
    public func resolve(_ instant: Instant) throws(LogError) -> Position {
        try read { (t: borrowing ReadTransaction) throws(LogError) in
            try t.withCursor(storage.commits) { (cursor: inout Cursor) throws(LogError) in
                var key = ByteWriter(capacity: 8)
                key.u64(CommitEntry.key(instant))
                let any: Bool
                do throws(LMDBError) { any = try cursor.seekBackward(key.bytes) } catch {
                    throw LogError(error)
                }
                return any ? try CommitEntry(key: cursor.key, value: cursor.value).last : .start
            }
        }
    }

    /// When a position was recorded.
    public func time(of position: Position) throws(LogError) -> Instant {
        try header(at: position).recordedAt
    }

    /// Whether the log's clock is set by its callers. An empty log's is not decided yet.
    public var isSimulated: Bool {
        get throws(LogError) {
            try head.position == .start ? false : try header(at: Position(1)).flags.contains(.simulatedClock)
        }
    }

    // MARK: Heads

    /// The newest record of a class; `.start` where there is none.
    public func classHead(_ recordClass: RecordClass) throws(LogError) -> Position {
        if mode == .readOnly { try refresh() }
        return index.classHead(recordClass)
    }

    /// The newest record that advanced a stream: its version. `.start` where there is none.
    public func streamHead(_ stream: StreamToken) throws(LogError) -> Position {
        if mode == .readOnly { try refresh() }
        return try index.stream(stream)?.lastAdvancing ?? .start
    }

    /// The stream's own key slot, as the newest record that told one says; nil where none did.
    public func slot(of stream: StreamToken) throws(LogError) -> KeySlot? {
        if mode == .readOnly { try refresh() }
        let slot = try index.stream(stream)?.slot ?? .none
        return slot == .none ? nil : slot
    }

    /// The highest key slot that any record names: what the key store counts on from.
    public var maxKeySlot: KeySlot {
        get throws(LogError) {
            if mode == .readOnly { try refresh() }
            return index.maxSlot
        }
    }

    /// Where a message stands, by its key; nil where it was never appended.
    public func position(of message: MessageKey) throws(LogError) -> Position? {
        if mode == .readOnly { try refresh() }
        return try index.match(message).same
    }

    // MARK: Waiting

    /// Blocks a plain thread until the head is past a position, or the time is up; tells the head either way. Returns
    /// at once when the log is closed or stopped.
    public func wait(past position: Position, timeoutMicroseconds: Int? = nil) throws(LogError) -> LogHead {
        if mode == .writer { return board.wait(past: position, timeoutMicroseconds: timeoutMicroseconds) }
        // Another process writes: there is nothing to wake us, so we look.
        let start = TimeSource.system.monotonic()
        while true {
            let head = try head
            let waited = TimeSource.system.monotonic() - start
            if head.position > position || timeoutMicroseconds.map({ waited >= $0 }) ?? false { return head }
            _ = board.wait(past: position, timeoutMicroseconds: 10_000)
            if board.stopped != nil { return board.head }
        }
    }
}

extension Cursor {
    /// `seek`, for closures that throw another error.
    @inline(__always)
    mutating func seek<E: LMDBErrorConvertible>(_ key: UInt64, _: E.Type) throws(E) -> Bool {
        do throws(LMDBError) { return try seek(key) } catch { throw E(error) }
    }
}
