import LMDB
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
    let times: WriterTimes

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
        while let group = queue.take(
            expected: answered, lingerMicroseconds: options.lingerMicroseconds, groupBytes: options.groupBytes
        ) {
            switch write(group, &state, &pending) {
            case .done(let outcomes):
                for (unit, outcome) in zip(group, outcomes) { unit.reply.send(outcome) }
            case .refused:
                // One unit that cannot be written must not refuse those beside it: each by itself.
                for (i, unit) in group.enumerated() {
                    switch write([unit], &state, &pending) {
                    case .done(let outcomes): unit.reply.send(outcomes[0])
                    case .refused(let error): unit.reply.send(.failure(error))
                    case .stopped(let error): return stop(error, Array(group[i...]))
                    }
                }
            case .stopped(let error): return stop(error, group)
            }
            answered = group.count
        }
    }

    private enum GroupResult {
        /// What each unit is told. What was taken is durable.
        case done([AppendReply.Outcome])
        /// Nothing of the group was appended, and the log goes on.
        case refused(LogError)
        /// What is on the disk is not known.
        case stopped(LogError)
    }

    /// Writes a group in one transaction. State only moves when it is durable.
    private func write(
        _ group: [AppendUnit], _ state: inout WriterState, _ pending: inout PendingGroup?
    ) -> GroupResult {
        let (recordedAt, replies): (Instant, [AppendReply.Outcome])
        let begun = TimeSource.system.monotonic()
        do throws(LogError) {
            recordedAt = nextTime(group[0], state)
            zeros?.willWrite(
                records: group.reduce(0) { $0 + $1.records }, bytes: group.reduce(0) { $0 + $1.bytes })
            var transaction = try GroupTransaction(
                storage: storage, index: index, state: state, recordedAt: recordedAt,
                pending: pending.take() ?? PendingGroup())
            replies = try fill(&transaction, group)
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

    private func fill(
        _ transaction: inout GroupTransaction, _ group: [AppendUnit]
    ) throws(LogError) -> [AppendReply.Outcome] {
        var replies: [AppendReply.Outcome] = []
        replies.reserveCapacity(group.count)
        for unit in group { replies.append(.success(try transaction.append(unit))) }
        return replies
    }

    private func nextTime(_ unit: AppendUnit, _ state: WriterState) -> Instant {
        clock.withLock { clock in
            // The first record decides what clock the log has.
            if state.isEmpty { clock.isSimulated = unit.creation.isSimulated }
            return clock.next(after: state.isEmpty ? nil : state.head.recordedAt)
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
        let stopped = LogError.stopped(reason: error.description)
        // Before anyone is told: readers go on. If not even that can be had, they are told what LMDB says.
        try? storage.environment.keepReadable()
        board.stop(stopped)
        queue.close(stopped, dropping: true)
        for unit in group { unit.reply.send(.failure(stopped)) }
    }
}
