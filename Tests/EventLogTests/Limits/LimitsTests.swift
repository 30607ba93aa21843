import Foundation
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
