import LMDB
import Wire

/// One transaction of the writer being built: conditions, duplicates, records, tiles and the commit entry.
struct GroupTransaction: ~Copyable {
    private let storage: LogEnvironment
    private let index: LogIndex
    private let transaction: WriteTransaction
    private let recordedAt: Instant
    private let first: Position
    private var pending: PendingGroup
    private(set) var state: WriterState
    private var leaves: GroupLeaves
    /// The Merkle tiles completed, written with the commit entry.
    private var tiles: [(level: Int, index: UInt64, node: Digest)] = []

    init(
        storage: LogEnvironment, index: LogIndex, hasher: LeafHasher, state: WriterState,
        recordedAt: Instant, pending: consuming PendingGroup
    ) throws(LogError) {
        (self.storage, self.index, self.state, self.recordedAt) = (storage, index, state, recordedAt)
        leaves = GroupLeaves(hasher)
        pending.begin(after: state.head.position)
        self.pending = pending
        first = state.head.position.next
        do throws(LMDBError) { transaction = try storage.environment.beginWrite() } catch {
            throw LogError(error)
        }
    }

    /// Takes in one append call's proposals.
    mutating func append(_ unit: borrowing AppendUnit) throws(LogError) -> [AppendOutcome] {
        if unit.creation.isCreation != (state.head.position == .start) {
            throw .invalid(what: "a log begins with its creation, and is created once")
        }
        var outcomes: [AppendOutcome] = []
        outcomes.reserveCapacity(unit.proposals.count)
        leaves.expect(unit.records)
        let seen = pending.records.count
        // All conditions first: they see the log as it stood when the unit began.
        var refusals: [(Int, AppendOutcome)] = []
        for i in unit.proposals.indices where !unit.proposals[i].conditions.isEmpty {
            if let refusal = try refusal(unit.proposals[i].conditions, within: seen) {
                refusals.append((i, refusal))
            }
        }
        var refused = 0
        for i in unit.proposals.indices {
            if refused < refusals.count, refusals[refused].0 == i {
                outcomes.append(refusals[refused].1)
                refused += 1
            } else {
                let known = unit.known.isEmpty ? MessageMatch() : unit.known[i]
                outcomes.append(try append(unit.proposals[i], known, unit.checkedThrough))
            }
        }
        return outcomes
    }

    private mutating func refusal(_ conditions: [Condition], within seen: Int) throws(LogError)
        -> AppendOutcome?
    {
        for condition in conditions {
            switch condition {
            case .classUnchanged(let recordClass, let since):
                let head = max(index.classHead(recordClass), pending.classHead(recordClass, within: seen))
                if head > since { return .refused(condition, movedAt: head) }
            case .streamUnchanged(let stream, let since):
                let head = try lastAdvancing(stream, within: seen)
                if head > since { return .refused(condition, movedAt: head) }
            case .expectedVersion(let stream, let version):
                let head = try lastAdvancing(stream, within: seen)
                if head != version { return .refused(condition, movedAt: head) }
            }
        }
        return nil
    }

    private mutating func lastAdvancing(_ stream: StreamToken, within seen: Int) throws(LogError) -> Position
    {
        let here = pending.lastAdvancing(stream, within: seen)
        if here != .start { return here }
        return try index.stream(stream)?.lastAdvancing ?? .start
    }

    private mutating func append(
        _ proposal: borrowing Proposal, _ known: MessageMatch, _ checkedThrough: Position
    ) throws(LogError) -> AppendOutcome {
        var otherBytes: Position?
        let key = proposal.records[0].facts.message
        if let key {
            let match = try self.match(key, known, checkedThrough)
            if let same = match.same { return .duplicate(of: same, recordedAt: try time(of: same)) }
            otherBytes = match.otherBytes
        }
        let start = state.head.position.next
        if let key { pending.insert(key, at: start) }
        let count = UInt32(proposal.records.count)
        for i in proposal.records.indices { try append(proposal.records[i], UInt32(i), count) }
        return .appended(
            AppendOutcome.Appended(
                first: start, last: state.head.position, recordedAt: recordedAt, sameIDOtherBytes: otherBytes)
        )
    }

    private func match(
        _ key: MessageKey, _ known: MessageMatch, _ checkedThrough: Position
    ) throws(LogError) -> MessageMatch {
        let here = pending.messages.match(key)
        if here.same != nil { return here }
        // Its caller looked already; only what came after that is looked at here, and again on disk only where the
        // index environment has taken some of that in.
        let (recent, indexed) = index.recent(key, after: checkedThrough)
        let older = indexed > checkedThrough ? try index.environment.match(key) : known
        return here.or(recent).or(older)
    }

    private func time(of position: Position) throws(LogError) -> Instant {
        position >= first ? recordedAt : try storage.header(at: position, in: transaction).recordedAt
    }

    private mutating func append(_ record: borrowing SealedRecord, _ i: UInt32, _ count: UInt32)
        throws(LogError)
    {
        let position = state.head.position.next
        do throws(LMDBError) {
            // In place, without an allocation: one copy into LMDB's page, 24 bytes completed, one hash.
            try transaction.reserve(storage.records, position.value, count: record.byteCount, .append) {
                room in
                record.framed.withUnsafeBytes { room.copyMemory(from: $0) }
                HeaderCompletion.fill(
                    room, index: i, count: count, position: position.value, time: recordedAt.microseconds)
                leaves.append(UnsafeRawBufferPointer(room), at: position.value - 1) { leaf in
                    state.frontier.append(leaf) { tiles.append(($0, $1, $2)) }
                }
            }
        } catch { throw LogError(error) }
        state.head.position = position
        pending.append(copy record)
    }

    /// What the transaction has appended so far.
    var appended: Int { pending.records.count }

    /// Writes tiles and the commit entry, and commits.
    ///
    /// - Returns: the records appended, for the indexes, and the group's memory, for the next one.
    consuming func commit() throws(CommitFailure) -> (
        state: WriterState, first: Position, pending: PendingGroup
    ) {
        state.head.recordedAt = recordedAt
        leaves.drain { leaf in
            state.frontier.append(leaf) { tiles.append(($0, $1, $2)) }
        } chunk: { node in
            // Its own tile is complete with it; those above are told as ever.
            tiles.append((1, state.frontier.count >> UInt64(LeafChunk.height), node))
            state.frontier.appendSubtree(node, height: LeafChunk.height) { tiles.append(($0, $1, $2)) }
        }
        state.head.root = state.frontier.root
        let entry = CommitEntry(
            recordedAt: recordedAt, first: first, last: state.head.position, root: state.head.root)
        do throws(LMDBError) {
            for tile in tiles {
                try transaction.put(
                    storage.tiles, TileKey.bytes(level: tile.level, index: tile.index), tile.node.bytes,
                    .noOverwrite)
            }
            try transaction.put(storage.commits, CommitEntry.key(recordedAt), entry.value, .append)
        } catch { throw CommitFailure(error: LogError(error), wasCommitting: false) }
        do throws(LMDBError) {
            try transaction.commit()
        } catch {
            // A full map is found before anything is written: it is the list of free pages that had no room.
            throw CommitFailure(error: LogError(error), wasCommitting: !error.isMapFull)
        }
        return (state, first, pending)
    }
}

/// Why a commit failed, and whether the environment can still be trusted.
struct CommitFailure: Error {
    var error: LogError
    /// The failure was the commit's own: what is on the disk is not known, so writing stops.
    var wasCommitting: Bool
}
