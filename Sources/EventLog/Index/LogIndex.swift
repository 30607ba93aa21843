import LMDB
import Synchronization
import Wire

/// Everything the log must find other than by position: duplicates, stream heads and slots, class heads. The newest
/// records' part is in memory, the rest in the index environment, written behind the log by a thread of its own.
final class LogIndex: Sendable {
    /// Keys looked up in the newest segment with its lock held.
    private static let keysAtOnce = 32

    /// Records of a segment: the batch the index environment is written in.
    let segmentRecords: UInt64
    let environment: IndexEnvironment
    private let state: Monitor<State>
    /// Held while segments are written: one batch at a time, whoever asks.
    private let flushing = Monitor<Void>(())

    struct State {
        /// Oldest first; the last takes in new records. Never empty.
        var segments: [TailSegment]
        var reach: IndexEnvironment.Reach
        var classHeads: [Position]
        var failure: LogError?
        var stopping = false
        /// A flush of everything is asked for.
        var flushAll = false
    }

    init(environment: IndexEnvironment, segmentRecords: UInt64) throws(LogError) {
        self.environment = environment
        self.segmentRecords = segmentRecords
        let reach = try environment.reach()
        state = Monitor(
            State(
                segments: [TailSegment(after: reach.position)], reach: reach,
                classHeads: try environment.classHeads()))
    }

    // MARK: Taking in

    /// Notes records that are durable, in order.
    func note(_ count: Int, first: Position, recordedAt: Instant, _ facts: (Int) -> RecordFacts) {
        let full = state.withLock { state in
            var segment = state.segments.removeLast()
            for i in 0..<count {
                let position = Position(first.value + UInt64(i))
                let fact = facts(i)
                segment.note(fact, at: position, recordedAt: recordedAt)
                state.classHeads[Int(fact.recordClass.rawValue)] = position
            }
            state.segments.append(segment)
            if segment.count < segmentRecords { return false }
            state.segments.append(TailSegment(after: segment.last))
            return true
        }
        if full { state.signal() }
    }

    /// Records that only memory holds.
    var unindexed: UInt64 {
        state.withLock { state in state.segments.reduce(0) { $0 + $1.count } }
    }

    /// Whether the unindexed tail is at its bound: opening must stay constant time, so appends wait.
    var isBehind: Bool { unindexed >= 4 * segmentRecords }

    /// The newest position noted.
    var noted: Position { state.withLock { $0.segments[$0.segments.count - 1].last } }
    var reach: IndexEnvironment.Reach { state.withLock { $0.reach } }
    /// Why the indexing thread could not write when it last tried.
    var failure: LogError? { state.withLock { $0.failure } }

    // MARK: Looking up

    var maxSlot: KeySlot {
        state.withLock { state in state.segments.reduce(state.reach.maxSlot) { max($0, $1.maxSlot) } }
    }

    func classHead(_ recordClass: RecordClass) -> Position {
        state.withLock { $0.classHeads[Int(recordClass.rawValue)] }
    }

    /// What is known of a stream; nil where no record named it.
    func stream(_ token: StreamToken) throws(LogError) -> StreamEntry? {
        // Memory first: what the index environment takes in meanwhile stays true of it.
        var found = StreamEntry(token: token, slot: .none, lastAdvancing: .start, last: .start)
        state.withLock { state in
            for segment in state.segments.reversed() {
                guard let entry = segment.streams[token] else { continue }
                found = found.over(entry)
            }
        }
        if found.slot == .none || found.lastAdvancing == .start, let entry = try environment.stream(token) {
            found = found.over(entry)
        }
        return found.last == .start ? nil : found
    }

    /// What memory knows of a message past a position, and how far the index environment reaches.
    func recent(_ key: MessageKey, after position: Position) -> (match: MessageMatch, indexed: Position) {
        state.withLock { state in
            var found = MessageMatch()
            for segment in state.segments.reversed() where segment.last > position {
                found = found.or(segment.messages.match(key))
            }
            return (found, state.reach.position)
        }
    }

    /// What is known of several messages, and the position up to which that is all. For callers, so that the writer
    /// need only look at what came after.
    func matches(_ keys: [MessageKey?]) throws(LogError) -> (known: [MessageMatch], through: Position) {
        // Memory first: what the index environment takes in meanwhile is found there. Full segments never change and
        // are looked at without the lock; the newest only for a few keys at a time, for the writer needs it too.
        let (full, through) = state.withLock { state in
            (Array(state.segments.dropLast()), state.segments[state.segments.count - 1].last)
        }
        let fullThrough = full.last?.last ?? .start
        var found = [MessageMatch](repeating: MessageMatch(), count: keys.count)
        for start in stride(from: 0, to: keys.count, by: Self.keysAtOnce) {
            state.withLock { state in
                for segment in state.segments.reversed() where segment.last > fullThrough {
                    for i in start..<min(start + Self.keysAtOnce, keys.count) {
                        if let key = keys[i] { found[i] = found[i].or(segment.messages.match(key)) }
                    }
                }
            }
        }
        for segment in full.reversed() {
            for (i, key) in keys.enumerated() {
                if let key { found[i] = found[i].or(segment.messages.match(key)) }
            }
        }
        let older = try environment.matches(keys)
        for i in keys.indices { found[i] = found[i].or(older[i]) }
        return (found, through)
    }

    /// What is known of a message.
    func match(_ key: MessageKey) throws(LogError) -> MessageMatch { try matches([key]).known[0] }

    // MARK: Writing behind

    /// Body of the indexing thread: writes full segments as they come, and everything after a quiet while.
    func run(quietMicroseconds: Int, retryMicroseconds: Int) {
        while true {
            let due: Bool? = state.wait(timeoutMicroseconds: quietMicroseconds) { state in
                if state.stopping { return false }
                return state.segments.count > 1 || state.flushAll ? true : nil
            }
            if due == false { return }
            do throws(LogError) {
                try flush(all: due == nil || state.withLock { $0.flushAll })
                state.withLock { $0.failure = nil }
            } catch {
                // Appends go on until the tail's bound, and then say why they cannot. A full disk may get room again.
                state.withLock { $0.failure = error }
                // Where that fails too, the next try says why, and lookups do.
                try? environment.environment.keepReadable(andWritable: true)
                let isOver = state.wait(timeoutMicroseconds: retryMicroseconds) { $0.stopping ? true : nil }
                if isOver == true { return }
            }
        }
    }

    /// Writes full segments, or all, into the index environment.
    func flush(all: Bool) throws(LogError) {
        try flushing.withLock { (_) throws(LogError) in try writeBatch(all: all) }
        state.broadcast()
    }

    private func writeBatch(all: Bool) throws(LogError) {
        let batch: [TailSegment] = state.withLock { state in
            if all, let active = state.segments.last, active.count > 0 {
                state.segments.append(TailSegment(after: active.last))
            }
            state.flushAll = false
            return Array(state.segments.dropLast())
        }
        if batch.isEmpty { return }
        try environment.write(batch)
        let reach = try environment.reach()
        state.withLock { state in
            state.reach = reach
            state.segments.removeFirst(batch.count)
        }
    }

    func stop() {
        state.withLock { $0.stopping = true }
        state.broadcast()
    }

    // MARK: Beside a writer in another process

    /// Drops from memory what the index environment has taken in meanwhile.
    func adopt(_ reach: IndexEnvironment.Reach) throws(LogError) {
        if reach == self.reach { return }
        let heads = try environment.classHeads()
        state.withLock { state in
            state.reach = reach
            state.segments.removeAll { $0.last <= reach.position }
            if state.segments.isEmpty { state.segments = [TailSegment(after: reach.position)] }
            for i in 0..<256 { state.classHeads[i] = max(state.classHeads[i], heads[i]) }
        }
    }
}

extension StreamEntry {
    /// This, newer, entry, with what only the older one tells.
    func over(_ older: StreamEntry) -> StreamEntry {
        StreamEntry(
            token: token, slot: slot == .none ? older.slot : slot,
            lastAdvancing: lastAdvancing == .start ? older.lastAdvancing : lastAdvancing,
            last: last == .start ? older.last : last)
    }
}
