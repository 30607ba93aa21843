import Foundation
import LMDB
import LogModel
import Testing
import Wire

@testable import EventLog

@Suite struct AppendQueueTests {
    let queue = AppendQueue(maxRecords: 1000, maxBytes: 1 << 20)

    static func unit(records: Int = 1, cell: Monitor<AppendReply.Outcome?> = Monitor(nil)) throws
        -> AppendUnit
    {
        let proposals = try (0..<records).map { _ in Proposal(records: [try Draft.record()]) }
        return AppendUnit(
            proposals: proposals, records: records,
            bytes: proposals.reduce(0) { $0 + $1.records[0].byteCount },
            known: [], checkedThrough: .start, reply: .thread(cell))
    }

    func take(_ expected: Int, lingering seconds: Int = 60, joining: Bool = true) -> AppendGroup? {
        queue.take(
            expected: expected, lingerMicroseconds: seconds * 1_000_000, groupBytes: 1 << 20, joining: joining
        )
    }

    /// The first is enough to begin with; the others are waited for while it is filled in, and no more than are expected.
    @Test func aGroupBegunWithTheFirstTakesInThoseThatCome() throws {
        try queue.add(try Self.unit())
        var group = try #require(take(3))
        #expect(group.units.count == 1)
        #expect(group.isShort && group.openMicroseconds > 0)
        let late = try Self.unit()
        let thread = Thread { [queue] in try? queue.add(late) }
        thread.start()
        #expect(queue.join(&group))
        #expect(group.units.count == 2)
        try queue.add(try Self.unit())
        try queue.add(try Self.unit())
        #expect(queue.join(&group))
        #expect((group.units.count, group.records) == (4, 4))
        #expect(group.bytes == group.units.reduce(0) { $0 + $1.bytes })
        try queue.add(try Self.unit())
        #expect(!queue.join(&group), "as many are there as were waited for")
        #expect(queue.waiting.units == 1)
    }

    /// Its time is over: what comes now was handed over after the moment that the transaction says.
    @Test func aGroupThatIsClosedTakesInNothing() throws {
        try queue.add(try Self.unit())
        var group = AppendGroup(
            expected: 3, openUntil: TimeSource.system.monotonic() - 1, maxBytes: 1 << 20)
        #expect(group.openMicroseconds == 0)
        #expect(!queue.join(&group))
        #expect(queue.waiting.units == 1)
        group = AppendGroup([try Self.unit()])
        #expect(!queue.join(&group))
    }

    @Test func aGroupTakesInNoMoreBytesThanItMay() throws {
        let one = try Self.unit()
        var group = AppendGroup(
            expected: 9, openUntil: TimeSource.system.monotonic() + 60_000_000, maxBytes: 4 * one.bytes - 1)
        group.add([one])
        for _ in 0..<4 { try queue.add(one) }
        #expect(queue.join(&group))
        #expect(group.units.count == 3)
        #expect(!queue.join(&group))
        #expect(queue.waiting == (2, 2 * one.bytes))
    }

    /// Large units fill a transaction for longer than the others are waited for: begun with one, it would be committed without them.
    @Test(arguments: [(200, true), (1, false)])
    func aLargeUnitIsNotBegunWithAlone(records: Int, joining: Bool) throws {
        try queue.add(try Self.unit(records: records))
        let cell = Monitor<AppendGroup?>(nil)
        let taker = BackgroundThread { [self] in
            let group = take(2, joining: joining)
            cell.withLock { $0 = group }
            cell.signal()
        }
        #expect(cell.wait(timeoutMicroseconds: 100_000) { $0?.units.count } == nil)
        try queue.add(try Self.unit())
        let group = try #require(cell.wait { $0 })
        taker.join()
        #expect(group.units.count == 2)
        #expect(group.openMicroseconds == 0, "all are there: nothing is waited for, nor held back")
    }

    @Test func aClosedQueueIsWaitedForNoLonger() throws {
        try queue.add(try Self.unit())
        // Others are expected for ten minutes.
        let group = try #require(take(3, lingering: 600))
        let answers = Monitor<[Bool]>([])
        let waiter = BackgroundThread { [self] in
            var group = group
            let joined = queue.join(&group)
            answers.withLock { $0.append(joined) }
            answers.signal()
            let taken = take(3, lingering: 600)
            answers.withLock { $0.append(taken != nil) }
            answers.signal()
        }
        #expect(answers.wait(timeoutMicroseconds: 100_000) { $0.isEmpty ? nil : true } == nil, "it waits")
        queue.close(.closed, dropping: false)
        #expect(answers.wait(timeoutMicroseconds: 60_000_000) { $0.count == 2 ? $0 : nil } == [false, false])
        if answers.withLock({ $0.count }) == 2 { waiter.join() }
    }
}

/// A transaction of a log whose clock is the machine's, which takes in units while it is open.
@Suite struct JoinedUnitTests {
    let scratch = ScratchLog()

    /// A unit that comes while the transaction is being filled is in it. Tried several times: a machine that stands still for the whole
    /// of the time that it is open leaves the second to the next.
    @Test func aUnitThatComesMeanwhileIsInTheSameTransaction() throws {
        var options = ScratchLog.options()
        options.lingerMicroseconds = 100_000
        let log = try scratch.create(simulated: false, options: options)
        let writer = try #require(log.writer)
        let joined = try (0..<20).contains { _ in
            try answerTwoAtOnce(writer)
            let cells = [Monitor<AppendReply.Outcome?>(nil), Monitor<AppendReply.Outcome?>(nil)]
            try writer.queue.add(try AppendQueueTests.unit(cell: cells[0]))
            while writer.queue.waiting.units > 0 { sched_yield() }
            try writer.queue.add(try AppendQueueTests.unit(cell: cells[1]))
            let times = try cells.map { try Self.appended($0).recordedAt }
            return times[0] == times[1]
        }
        #expect(joined)
        log.close()
    }

    /// One that cannot be written refuses none of those that came into its transaction, before it or after.
    @Test func aUnitThatFailsTakesNoOtherWithIt() throws {
        var options = ScratchLog.options()
        options.lingerMicroseconds = 100_000
        let log = try scratch.create(simulated: false, options: options)
        let writer = try #require(log.writer)
        for round in 0..<10 {
            try answerTwoAtOnce(writer)
            let cells = (0..<3).map { _ in Monitor<AppendReply.Outcome?>(nil) }
            let before = try log.head.position
            try writer.queue.add(try AppendQueueTests.unit(cell: cells[0]))
            while writer.queue.waiting.units > 0 { sched_yield() }
            // A log is created once.
            let wrong = [try Draft.creation(simulated: false)]
            for (cell, proposals) in [
                (cells[1], wrong), (cells[2], [Proposal(records: [try Draft.record()])]),
            ] {
                try writer.queue.add(
                    AppendUnit(
                        proposals: proposals, records: 1, bytes: proposals[0].records[0].byteCount, known: [],
                        checkedThrough: .start, reply: .thread(cell)))
            }
            let first = try Self.appended(cells[0]).first
            let refusal = try #require(cells[1].wait(until: { $0 }))
            #expect(throws: LogError.invalid(what: "a log begins with its creation, and is created once")) {
                try refusal.get()
            }
            let last = try Self.appended(cells[2]).first
            #expect(first == before.next && last == first.next, "round \(round)")
            #expect(try log.head.position == last)
        }
        #expect(try log.verify().isSound)
        log.close()
    }

    /// However the machine's clock jumps while a transaction is open, times are in the order of positions, and none is ahead of it when it is told.
    @Test func aClockThatJumpsLeavesTimesInOrder() throws {
        let jumps = Monitor<Int64>(0)
        var options = ScratchLog.options(segmentRecords: 4096)
        (options.syncsEachCommit, options.lingerMicroseconds) = (false, 400)
        let system = TimeSource.system
        options.timeSource = TimeSource(
            wall: { system.wall() + jumps.withLock { $0 } }, monotonic: system.monotonic)
        let log = try scratch.create(simulated: false, options: options)
        let wrong = Monitor<Int>(0)
        let threads = (0..<8 as Range<UInt64>).map { client in
            BackgroundThread {
                for number in 0..<100 {
                    if client == 0 { jumps.withLock { $0 += 200_000 } }
                    do {
                        let record = try Draft.record(stream: Draft.stream(client))
                        let time = try log.appendAndWait([Proposal(records: [record])])[0].appended?
                            .recordedAt
                        if try time.map({ try $0 > log.now }) ?? true { wrong.withLock { $0 += 1 } }
                    } catch { wrong.withLock { $0 += 1 } }
                }
            }
        }
        for thread in threads { thread.join() }
        #expect(wrong.withLock { $0 } == 0)
        var last = Instant.distantPast
        for position in 1...(try log.head.position.value) {
            let time = try log.time(of: Position(position))
            #expect(time >= last)
            last = time
        }
        #expect(try log.verify().isSound)
        log.close()
    }

    /// The writer expects as many as it has just answered: two.
    private func answerTwoAtOnce(_ writer: LogWriter) throws {
        let (held, go) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
        let holder = BackgroundThread {
            try? writer.writeAside { (_) throws(LMDBError) in
                held.signal()
                go.wait()
            }
        }
        held.wait()
        let cells = (0..<3).map { _ in Monitor<AppendReply.Outcome?>(nil) }
        try writer.queue.add(try AppendQueueTests.unit(cell: cells[0]))
        while writer.queue.waiting.units > 0 { sched_yield() }
        // The writer waits for the transaction aside; these two wait for the writer.
        for cell in cells[1...] { try writer.queue.add(try AppendQueueTests.unit(cell: cell)) }
        go.signal()
        for cell in cells { _ = try Self.appended(cell) }
        holder.join()
    }

    private static func appended(_ cell: Monitor<AppendReply.Outcome?>) throws -> AppendOutcome.Appended {
        let outcome = try #require(cell.wait(until: { $0 }))
        return try #require(try outcome.get()[0].appended)
    }

    /// Nothing is recorded before it was handed over, nor told of ahead of the clock, though a transaction's time is settled before its
    /// last unit is there. Without syncs, so that a commit is quicker than the time for which a transaction is open.
    @Test(arguments: [true, false]) func recordedAtIsWithinTheCall(syncs: Bool) async throws {
        var options = ScratchLog.options(segmentRecords: 4096)
        options.syncsEachCommit = syncs
        options.lingerMicroseconds = 400
        let log = try scratch.create(simulated: false, options: options)
        let wrong = try await withThrowingTaskGroup(of: Int.self) { group in
            for task in 0..<16 as Range<UInt64> {
                group.addTask {
                    var wrong = 0
                    for _ in 0..<100 {
                        let unit = [Proposal(records: [try Draft.record(stream: Draft.stream(task))])]
                        let before = try log.now
                        let time = try await log.append(unit)[0].appended!.recordedAt
                        let after = try log.now
                        if time < before || time > after { wrong += 1 }
                    }
                    return wrong
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(wrong == 0)
        log.close()
    }
}
