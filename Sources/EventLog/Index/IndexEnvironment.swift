import LMDB
import Wire

/// The log's own indexes on disk: message ids, streams and class heads, as of one position. Behind the log, written in
/// large sorted batches, and rebuilt from it wherever they are not this log's.
struct IndexEnvironment: Sendable {
    static let format: UInt32 = 1

    /// How far the index reaches.
    struct Reach: Hashable, Sendable {
        var position = Position.start
        /// When that position was recorded.
        var recordedAt = Instant.distantPast
        var maxSlot = KeySlot.none
    }

    let environment: Environment
    let messages: Database
    let streams: Database
    let classes: Database
    let meta: Database

    init(path: String, mapBytes: Int, readOnly: Bool) throws(LogError) {
        do throws(LMDBError) {
            environment = try Environment(
                path: path,
                options: EnvironmentOptions(maxMapBytes: readOnly ? 0 : mapBytes, readOnly: readOnly))
            messages = try environment.openDatabase("messages", create: !readOnly)
            streams = try environment.openDatabase("streams", create: !readOnly)
            classes = try environment.openDatabase("classes", create: !readOnly)
            meta = try environment.openDatabase("meta", create: !readOnly)
        } catch { throw LogError(error) }
    }

    /// - Throws: `busy` just after a write of it failed, until the thread that writes it has opened it again.
    private func reading<R>(
        _ body: (borrowing ReadTransaction) throws(LogError) -> R
    ) throws(LogError) -> R {
        do throws(LogError) { return try environment.withReadTransaction(body) } catch {
            guard case .lmdb(let cause) = error, cause.isPanic else { throw error }
            throw .busy(retryAfterMilliseconds: 50)
        }
    }

    /// - Returns: an empty reach where nothing of this format is there.
    func reach() throws(LogError) -> Reach {
        try reading { (t: borrowing ReadTransaction) throws(LogError) in
            try t.get(meta, Array("reach".utf8)) { (v) throws(LogError) in
                guard v.count == 28, v.big(0, as: UInt32.self) == Self.format else { return Reach() }
                return Reach(
                    position: Position(v.big(4, as: UInt64.self)),
                    recordedAt: Instant(microseconds: v.big(12, as: Int64.self)),
                    maxSlot: KeySlot(v.big(20, as: UInt64.self)))
            } ?? Reach()
        }
    }

    /// Whether it holds no entry of any record.
    func isEmpty() throws(LogError) -> Bool {
        try reading { (t: borrowing ReadTransaction) throws(LogError) in
            for database in [messages, streams, classes] {
                let holds = try t.withCursor(database) { (cursor: inout Cursor) throws(LogError) in
                    try cursor.next(LogError.self)
                }
                if holds { return false }
            }
            return true
        }
    }

    func classHeads() throws(LogError) -> [Position] {
        try reading { (t: borrowing ReadTransaction) throws(LogError) in
            var heads = [Position](repeating: .start, count: 256)
            try t.withCursor(classes) { (cursor: inout Cursor) throws(LogError) in
                while try cursor.next(LogError.self) {
                    guard cursor.key.count == 1, cursor.value.count == 8 else {
                        throw .damaged(what: "the index of classes has an entry of another size")
                    }
                    heads[Int(cursor.key[0])] = Position(cursor.value.big(0, as: UInt64.self))
                }
            }
            return heads
        }
    }

    func stream(_ token: StreamToken) throws(LogError) -> StreamEntry? {
        try reading { (t: borrowing ReadTransaction) throws(LogError) in
            try stream(token, in: t)
        }
    }

    private func stream(
        _ token: StreamToken, in t: borrowing some Transaction & ~Copyable
    ) throws(LogError) -> StreamEntry? {
        try t.get(streams, token.bytes) { (v) throws(LogError) in try Self.streamEntry(token, v) }
    }

    static func streamEntry(_ token: StreamToken, _ v: UnsafeRawBufferPointer) throws(LogError) -> StreamEntry
    {
        guard v.count == 24 else {
            throw .damaged(what: "the index entry of stream \(token) is of another size")
        }
        return StreamEntry(
            token: token, slot: KeySlot(v.big(0, as: UInt64.self)),
            lastAdvancing: Position(v.big(8, as: UInt64.self)), last: Position(v.big(16, as: UInt64.self)))
    }

    /// What the index knows of a message.
    func match(_ key: MessageKey) throws(LogError) -> MessageMatch {
        try reading { (t: borrowing ReadTransaction) throws(LogError) in
            try t.withCursor(messages) { (cursor: inout Cursor) throws(LogError) in
                try Self.match(key, &cursor)
            }
        }
    }

    /// What the index knows of several messages, in one snapshot.
    func matches(_ keys: [MessageKey?]) throws(LogError) -> [MessageMatch] {
        try reading { (t: borrowing ReadTransaction) throws(LogError) in
            try t.withCursor(messages) { (cursor: inout Cursor) throws(LogError) in
                var out: [MessageMatch] = []
                out.reserveCapacity(keys.count)
                for key in keys {
                    if let key {
                        out.append(try Self.match(key, &cursor))
                    } else {
                        out.append(MessageMatch())
                    }
                }
                return out
            }
        }
    }

    private static func match(_ key: MessageKey, _ cursor: inout Cursor) throws(LogError) -> MessageMatch {
        var found = MessageMatch()
        var from = ByteWriter(capacity: 24)
        from.u64(key.order)
        from.raw(key.id.bytes)
        do throws(LMDBError) {
            var more = try cursor.seek(from.bytes)
            var looks = 0
            while more, cursor.key.count == MessageKey.byteCount, cursor.value.count == 8 {
                let entry = MessageKey(cursor.key, 0)
                guard entry.order == key.order, entry.id == key.id else { break }
                let position = Position(cursor.value.big(0, as: UInt64.self))
                if entry.digest == key.digest {
                    found.same = position
                } else if found.otherBytes.map({ $0 < position }) ?? true {
                    found.otherBytes = position
                }
                looks += 1
                if looks == sameIDLooks {
                    // There may be any number more. Whether it is one of them is asked for by itself.
                    guard found.same == nil, try cursor.seek(key.bytes), cursor.key.elementsEqual(key.bytes),
                        cursor.value.count == 8
                    else { break }
                    found.same = Position(cursor.value.big(0, as: UInt64.self))
                    break
                }
                more = try cursor.next()
            }
        } catch { throw LogError(error) }
        return found
    }

    /// Messages of one id that a look-up goes through, at most: a source that gives all it sends one id costs itself and others no more.
    static let sameIDLooks = 256

    // MARK: Writing

    /// Takes in segments, oldest first, in one durable transaction.
    func write(_ segments: [TailSegment]) throws(LogError) {
        guard let newest = segments.last else { return }
        var reach = try reach()
        try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LogError) in
            var entries = segments.flatMap { $0.messages.entries }
            entries.sort { $0.key < $1.key }
            for entry in entries { try put(t, messages, entry.key.bytes, entry.position.value) }

            var merged = StreamTable()
            for segment in segments {
                for entry in segment.streams.entries { merged.merge(entry) }
            }
            for entry in merged.entries.sorted(by: { $0.token < $1.token }) { try put(t, entry) }

            for segment in segments {
                for (number, head) in segment.classes.enumerated() where head != .start {
                    try put(t, classes, [UInt8(number)], head.value)
                }
                reach.maxSlot = max(reach.maxSlot, segment.maxSlot)
            }
            (reach.position, reach.recordedAt) = (newest.last, newest.lastRecordedAt)
            try put(t, reach)
        }
    }

    private func put(_ t: borrowing WriteTransaction, _ reach: Reach) throws(LogError) {
        var value = ByteWriter(capacity: 28)
        value.u32(Self.format)
        value.u64(reach.position.value)
        value.i64(reach.recordedAt.microseconds)
        value.u64(reach.maxSlot.value)
        do throws(LMDBError) { try t.put(meta, Array("reach".utf8), value.bytes) } catch {
            throw LogError(error)
        }
    }

    private func put(_ t: borrowing WriteTransaction, _ fresh: StreamEntry) throws(LogError) {
        var entry = fresh
        if let before = try stream(fresh.token, in: t) {
            if entry.slot == .none { entry.slot = before.slot }
            entry.lastAdvancing = max(entry.lastAdvancing, before.lastAdvancing)
        }
        var value = ByteWriter(capacity: 24)
        value.u64(entry.slot.value)
        value.u64(entry.lastAdvancing.value)
        value.u64(entry.last.value)
        do throws(LMDBError) { try t.put(streams, entry.token.bytes, value.bytes) } catch {
            throw LogError(error)
        }
    }

    private func put(
        _ t: borrowing WriteTransaction, _ database: Database, _ key: [UInt8], _ number: UInt64
    ) throws(LogError) {
        var value = ByteWriter(capacity: 8)
        value.u64(number)
        do throws(LMDBError) { try t.put(database, key, value.bytes) } catch { throw LogError(error) }
    }

    /// Forgets everything, to be rebuilt from the log.
    func clear() throws(LogError) {
        try environment.withWriteTransaction { (t: borrowing WriteTransaction) throws(LogError) in
            do throws(LMDBError) {
                for database in [messages, streams, classes, meta] { try t.clear(database) }
            } catch { throw LogError(error) }
        }
    }
}

extension Cursor {
    /// `next`, for closures that throw another error.
    @inline(__always)
    mutating func next<E: LMDBErrorConvertible>(_: E.Type) throws(E) -> Bool {
        do throws(LMDBError) { return try next() } catch { throw E(error) }
    }
}
