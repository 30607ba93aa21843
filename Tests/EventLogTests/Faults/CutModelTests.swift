import EventLog
import Foundation
import Seeded
import Testing
import Wire

/// Random operations against a plain list, reopened at random, with I/O cut after a countdown: every answer before the cut
/// is the list's, and what opens afterwards is the list as of the last answer, or one call further.
@Suite struct CutModelTests {
    static var seeds: ClosedRange<UInt64> {
        1...(ProcessInfo.processInfo.environment["DAYBOOK_CUTS"].flatMap(UInt64.init) ?? 12)
    }

    @Test func whatIsLeftIsThePlainListsBeginning() throws {
        var (cuts, calls) = (0, 0)
        for seed in Self.seeds {
            let scratch = ScratchLog()
            let countdown = SplitMix64.once(seed, in: 1...400)
            // Half of them lose what was not synced as well.
            let how = seed % 2 == 0 ? "power" : "\(EIO)"
            let run = try TortureProcess.run(
                "model", store: scratch.directory, [seed, 60],
                environment: [
                    "FAULT_CALL": "any", "FAULT_NTH": "\(countdown)", "FAULT_TIMES": "0", "FAULT_HOW": how,
                    "FAULT_PATH": "/log/data.mdb", "FAULT_SEED": "\(seed)",
                ])
            let said = run.lines.filter { $0.hasPrefix("error") || $0.hasPrefix("not opened") }
            if run.wasKilled || !said.isEmpty { cuts += 1 }
            // The same calls, from the same numbers.
            var model = LogModel()
            var numbers = SplitMix64(seed: seed)
            let told = run.lines.dropLast(said.count)
            func next() -> (append: LogAppend, expected: [String]) {
                _ = Int.random(in: 0..<20, using: &numbers)
                let append = LogAppend(model, &numbers)
                return (append, model.apply(append))
            }
            for (step, line) in told.enumerated() {
                #expect(line == "\(step) " + next().expected.joined(separator: "; "), "seed \(seed)")
                calls += 1
            }
            let before = model
            _ = next()
            let log = try scratch.open(options: ScratchLog.options(segmentRecords: 256))
            let head = Int(try log.head.position.value)
            let found = head == before.rows.count ? before : model
            #expect(head == found.rows.count, "seed \(seed): the head is \(head), of \(before.rows.count)")
            for (index, row) in found.rows.enumerated() where head == found.rows.count {
                let record = try log.read(at: Position(UInt64(index + 1)))
                let same =
                    Array(record.partA) == row.part && record.header.message == row.message
                    && record.header.stream == row.stream && record.header.recordClass == row.recordClass
                #expect(same, "seed \(seed): position \(index + 1)")
                if let key = row.message {
                    #expect(try log.position(of: key) == found.same(key), "seed \(seed)")
                }
            }
            let report = try log.verify()
            #expect(report.isSound, "seed \(seed): \(report.problems) \(report.indexProblems)")
            log.close()
        }
        print("\(Self.seeds.count) runs, \(cuts) cut, \(calls) calls answered as the list would")
        #expect(cuts > 0 && calls > 0)
    }
}

extension SplitMix64 {
    fileprivate static func once(_ seed: UInt64, in range: ClosedRange<Int>) -> Int {
        var numbers = SplitMix64(seed: seed &* 77)
        return Int.random(in: range, using: &numbers)
    }
}
