import Foundation
import LMDB
import Seeded
import Testing
import Wire

@testable import EventLog

@Suite struct LimitsTests {
    @Test func bucketsCoverEveryValueInOrder() {
        var before = -1
        for value in Array(0..<5000) + [1 << 20, 1 << 40, UInt64(Int64.max)] as [UInt64] {
            let bucket = DurationHistogram.bucket(value)
            #expect(bucket >= before && DurationHistogram.top(bucket) >= value)
            #expect(bucket == 0 || DurationHistogram.top(bucket - 1) < value)
            before = bucket
        }
    }

    /// Against the sorted values themselves.
    @Test(arguments: [1, 7, 1000])
    func quantilesAreRightWithinABucket(count: Int) {
        var numbers = SplitMix64(seed: UInt64(count))
        var histogram = DurationHistogram()
        let values = (0..<count).map { _ in
            Int64.random(in: 0...(1 << Int64.random(in: 1...30, using: &numbers)), using: &numbers)
        }
        for value in values { histogram.note(value) }
        let sorted = values.sorted()
        for share in [0.0, 0.25, 0.5, 0.99, 1] {
            let exact = Double(sorted[max(0, Int((share * Double(count)).rounded(.up)) - 1)])
            let found = Double(histogram.quantile(share))
            #expect(found >= exact && found <= exact * 1.125 + 1, "\(share): \(found), not \(exact)")
        }
        #expect(histogram.longest == UInt64(sorted[count - 1]) && histogram.count == UInt64(count))
    }

    @Test func whatTheWriterSaysIsReadBack() throws {
        let limits = WriterLimits(
            process: 7, at: Instant(microseconds: 123), waitingUnits: 4, waitingBytes: 5, maxWaitingBytes: 6,
            mapBytes: 9,
            commits: DurationSummary(
                count: 1, medianMicroseconds: 2, p99Microseconds: 3, longestMicroseconds: 4),
            syncs: DurationSummary(
                count: 5, medianMicroseconds: 6, p99Microseconds: 7, longestMicroseconds: 8))
        #expect(WriterLimits(text: limits.text) == limits)
        var before = limits
        before.mapBytes = nil
        #expect(WriterLimits(text: limits.text.replacing("map 9\n", with: "")) == before)
        for text in [
            "", "\n", "process\n", "process 1\n", limits.text.replacing("sync", with: "sink"),
            "commit 1 2 3 -4\n",
        ] {
            #expect(WriterLimits(text: text) == nil)
        }
    }

    @Test func aReaderSeesWhatTheWriterDid() throws {
        let scratch = ScratchLog()
        let log = try scratch.create()
        for _ in 0..<5 { _ = try log.appendAndWait([Proposal(records: [try Draft.record()])]) }
        let own = try #require(try log.stat().writer)
        #expect(own.commits.count == 6 && own.syncs.count == 6 && own.waitingUnits == 0)
        #expect(own.commits.longestMicroseconds >= own.syncs.medianMicroseconds)
        log.close()
        let reader = try scratch.open(.readOnly)
        let stat = try reader.stat()
        #expect(stat.writer?.commits.count == 6 && stat.writer?.process == getpid())
        #expect(stat.mapUse > 0 && stat.freeDiskBytes > 0 && stat.staleReaders == 0 && stat.checkpoints == 0)
        reader.close()
    }

    /// Before its first commit: the last writer may have had another map.
    @Test func aNewWriterSaysItsMapAtOnce() throws {
        let scratch = ScratchLog()
        let first = try scratch.create()
        first.close()
        var options = ScratchLog.options()
        options.mapBytes /= 2
        let log = try scratch.open(options: options)
        var told = WriterTimes.told(log: scratch.paths.log)
        for _ in 0..<6000 where told?.mapBytes != UInt64(options.mapBytes) {
            usleep(10_000)
            told = WriterTimes.told(log: scratch.paths.log)
        }
        #expect(told?.mapBytes == UInt64(options.mapBytes) && told?.commits.count == 0)
        log.close()
    }

    /// What waits for a writer that is held up: here by another who has the log's write transaction.
    @Test func whatWaitsIsCounted() throws {
        let scratch = ScratchLog()
        let log = try scratch.create()
        let storage = log.storage
        let done = Monitor<Int>(0)
        var count = 0
        func append(_ count: Int) {
            for number in 0..<count {
                Thread.detachNewThread {
                    do {
                        let record = try Draft.record(partA: [UInt8(number)])
                        _ = try log.appendAndWait([Proposal(records: [record])])
                    } catch { Issue.record("\(error)") }
                    done.withLock { $0 += 1 }
                    done.broadcast()
                }
            }
        }
        try storage.environment.withWriteTransaction {
            (_: borrowing WriteTransaction) throws(LMDBError) -> Void in
            // The writer takes those that are there when it begins, and none after.
            var limits = log.writerLimits
            while count < 200, limits?.waitingUnits ?? 0 < 4 {
                append(1)
                count += 1
                usleep(1000)
                limits = log.writerLimits
            }
            #expect(
                limits?.waitingUnits ?? 0 >= 4 && limits?.waitingBytes ?? 0 > 0,
                "\(String(describing: limits))")
        }
        _ = done.wait { [count] in $0 == count ? true : nil }
        let limits = try #require(try log.stat().writer)
        #expect(limits.waitingUnits == 0 && limits.waitingBytes == 0)
        log.close()
    }

    /// A reader that was killed holds its slot until somebody looks.
    @Test func aKilledReadersSlotIsFreed() throws {
        let scratch = ScratchLog()
        let log = try scratch.create()
        let (process, output) = TortureProcess.prepared("reading", store: scratch.directory, [0])
        try process.run()
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) == "reading\n")
        let before = try log.stat()
        #expect(before.staleReaders == 0 && before.readers > 0)
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        let after = try log.stat()
        #expect(after.staleReaders == 1, "\(after)")
        #expect(try log.stat().staleReaders == 0)
        log.close()
    }

    /// LMDB remembers the largest map that a log had; appends end at the one that its writer was told.
    @Test func aReaderSeesTheMapThatTheWriterHas() throws {
        let scratch = ScratchLog()
        try scratch.create().close()
        var options = ScratchLog.options()
        options.mapBytes /= 2
        let log = try scratch.open(options: options)
        _ = try log.appendAndWait([Proposal(records: [try Draft.record()])])
        #expect(try log.stat().mapBytes == UInt64(options.mapBytes))
        log.close()
        let reader = try scratch.open(.readOnly)
        #expect(try reader.stat().mapBytes == UInt64(options.mapBytes))
        reader.close()
    }
}
