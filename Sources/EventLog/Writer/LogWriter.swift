import Glibc
import LMDB
import Synchronization
import Wire

/// The writer: one thread, one transaction at a time, everything that waits in one of them.
final class LogWriter: Sendable {
    let storage: LogEnvironment
    let index: LogIndex
    let queue: AppendQueue
    let board: HeadBoard
    let options: LogOptions
    let clock: Monitor<LogClock>
    let zeros: ZeroAhead?
    let hasher = LeafHasher()
    let times: WriterTimes
    /// Held for a transaction and for what a failed one stops: none is begun between a commit that failed and the log's stop.
    let turn = Mutex<Void>(())

    init(
        storage: LogEnvironment, index: LogIndex, board: HeadBoard, clock: LogClock, options: LogOptions
    ) {
        (self.storage, self.index, self.board, self.options) = (storage, index, board, options)
        self.clock = Monitor(clock)
        times = WriterTimes(
            log: storage.environment.path, mapBytes: UInt64(storage.environment.options.maxMapBytes))
        queue = AppendQueue(maxRecords: options.queueRecords, maxBytes: options.queueBytes)
        zeros =
            options.zeroAheadBytes > 0 ? ZeroAhead(storage.environment, ahead: options.zeroAheadBytes) : nil
    }

    /// Body of the writer's thread: returns once the queue is closed and empty, or a commit failed.
    func run(_ initial: WriterState) {
        var state = initial
        var pending: PendingGroup? = PendingGroup()
        var answered = 0
        while var group = queue.take(
            expected: answered, lingerMicroseconds: options.lingerMicroseconds,
            groupBytes: options.groupBytes,
            joining: isJoining
        ) {
            switch write(&group, &state, &pending) {
            case .done(let outcomes):
                for (unit, outcome) in zip(group.units, outcomes) { unit.reply.send(outcome) }
            case .refused:
                // One unit that cannot be written must not refuse those beside it: each by itself.
                for (i, unit) in group.units.enumerated() {
                    var alone = AppendGroup([unit])
                    switch write(&alone, &state, &pending) {
                    case .done(let outcomes): unit.reply.send(outcomes[0])
                    case .refused(let error): unit.reply.send(.failure(error))
                    case .stopped(let error): return stop(error, Array(group.units[i...]))
                    }
                }
            case .stopped(let error): return stop(error, group.units)
            }
            answered = group.units.count
        }
    }

    /// Whether a transaction is begun before all are there that may come into it. A simulated clock stands where it was set, so there a
    /// transaction that is under way may have another time than the one that its next unit's caller has set.
    private var isJoining: Bool { clock.withLock { !$0.isSimulated } }

    private enum GroupResult {
        /// What each unit is told. What was taken is durable.
        case done([AppendReply.Outcome])
        /// Nothing of the group was appended, and the log goes on.
        case refused(LogError)
        /// What is on the disk is not known.
        case stopped(LogError)
    }

    private func write(
        _ group: inout AppendGroup, _ state: inout WriterState, _ pending: inout PendingGroup?
    ) -> GroupResult {
        turn.withLock { _ in
            // A transaction aside may have failed while this one waited.
            if let stopped = board.stopped { return .stopped(stopped) }
            return writeInTurn(&group, &state, &pending)
        }
    }

    /// Writes a group in one transaction, and what comes into the group meanwhile. State only moves when it is durable.
    private func writeInTurn(
        _ group: inout AppendGroup, _ state: inout WriterState, _ pending: inout PendingGroup?
    ) -> GroupResult {
        do throws(LogError) {
            let ahead = group.openMicroseconds
            let recordedAt = nextTime(group, state, ahead: ahead)
            let toldFrom = ahead == 0 ? .min : TimeSource.system.monotonic() + ahead
            zeros?.willWrite(records: group.records, bytes: group.bytes)
            var transaction = try GroupTransaction(
                storage: storage, index: index, hasher: hasher, state: state, recordedAt: recordedAt,
                pending: pending.take() ?? PendingGroup())
            let (replies, begun) = try fill(&transaction, &group)
            if transaction.appended == 0 { return .done(replies) }
            let written: (state: WriterState, first: Position, pending: PendingGroup)
            let committing = TimeSource.system.monotonic()
            do throws(CommitFailure) {
                written = try transaction.commit()
            } catch {
                if error.wasCommitting { return .stopped(error.error) }
                throw error.error
            }
            let done = TimeSource.system.monotonic()
            times.note(commit: done - begun, sync: done - committing)
            // The commit took longer than that on all but the quickest of disks.
            if done <= toldFrom { usleep(UInt32(toldFrom - done + 1)) }
            finish(written.first, state: &state, after: written.state, written.pending.records)
            pending = written.pending
            return .done(replies)
        } catch {
            guard case .full = error else { return .refused(error) }
            let told = full
            board.noteFull(told)
            return .refused(told)
        }
    }

    /// - Returns: also when the last units were taken in.
    private func fill(
        _ transaction: inout GroupTransaction, _ group: inout AppendGroup
    ) throws(LogError) -> ([AppendReply.Outcome], begun: Int64) {
        var replies: [AppendReply.Outcome] = []
        replies.reserveCapacity(max(group.units.count, group.expected))
        var begun = TimeSource.system.monotonic()
        while true {
            while replies.count < group.units.count {
                replies.append(.success(try transaction.append(group.units[replies.count])))
            }
            if !queue.join(&group) { return (replies, begun) }
            begun = TimeSource.system.monotonic()
            zeros?.willWrite(records: group.records, bytes: group.bytes)
        }
    }

    private func nextTime(_ group: AppendGroup, _ state: WriterState, ahead: Int64) -> Instant {
        clock.withLock { clock in
            // The first record decides what clock the log has.
            if state.isEmpty { clock.isSimulated = group.units[0].creation.isSimulated }
            return clock.next(after: state.isEmpty ? nil : state.head.recordedAt, ahead: ahead)
        }
    }

    /// Publishes what is durable: indexes first, so that whoever sees the head finds what it covers.
    private func finish(
        _ first: Position, state: inout WriterState, after: WriterState, _ records: [SealedRecord]
    ) {
        state = after
        index.note(records.count, first: first, recordedAt: after.head.recordedAt) { records[$0].facts }
        board.publish(after.head)
        zeros?.wrote()
    }

    var full: LogError {
        let info = try? storage.environment.info
        return .full(usedBytes: info?.usedBytes ?? 0, mapBytes: info?.mapBytes ?? UInt64(options.mapBytes))
    }

    func stop(_ error: LogError, _ group: [AppendUnit]) {
        let stopped = board.stopped ?? LogError.stopped(reason: error.description)
        // Before anyone is told: readers go on. If not even that can be had, they are told what LMDB says.
        try? storage.environment.keepReadable()
        board.stop(stopped)
        queue.close(stopped, dropping: true)
        for unit in group { unit.reply.send(.failure(stopped)) }
    }
}
