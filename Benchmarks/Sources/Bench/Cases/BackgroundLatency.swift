import Ciphers
import EventLog
import Foundation
import Server
import Synchronization

/// How long one record's commit takes while a backup, a verification and a rebuild run, one after another without a pause, against a log at rest.
enum BackgroundLatency {
    static let patients = 1000
    static let versions = 200
    static let commits = 1500
    /// Between one commit and the next, microseconds: a feed, not a flood.
    static let pause: UInt32 = 3000

    static var benchmark: Benchmark {
        Benchmark("latency.background") { run in
            run.line("latency.background") {
                let bench = try PatientStore(run, patients: patients, versions: versions)
                defer {
                    bench.close()
                    run.remove(bench.folder)
                }
                let record = try record()
                _ = try commitTimes(bench.store, record)
                let idle = try commitTimes(bench.store, record)
                let stopping = Atomic<Bool>(false)
                let failure = Failure()
                let done = DispatchGroup()
                let folder = try run.freshFolder("backups")
                for work in background(bench.store, folder) {
                    DispatchQueue.global().async(group: done) {
                        do { while !stopping.load(ordering: .relaxed) { try work() } } catch {
                            failure.note(error)
                        }
                    }
                }
                let busy = try commitTimes(bench.store, record)
                stopping.store(true, ordering: .relaxed)
                done.wait()
                try failure.check()
                Report.note("  idle p50 \(Report.plain(idle.p50)) p99 \(Report.plain(idle.p99)) ms")
                Report.note("  busy p50 \(Report.plain(busy.p50)) p99 \(Report.plain(busy.p99)) ms")
                Report.value(
                    "latency.background", busy.p99 / idle.p99,
                    unit: "times idle (p99 \(Report.plain(idle.p99)) ms, then \(Report.plain(busy.p99)) ms)")
            }
        }
    }

    /// One that no read model folds, about as large as a small event; a backup and a verification check its hash.
    private static func record() throws -> SealedRecord {
        let part = [UInt8](repeating: 7, count: 200)
        return try SealedRecord(
            recordClass: .housekeeping, slotA: KeySlot(3), partA: part, hashA: SHA256.hash(part))
    }

    private static func background(_ store: Store, _ folder: String) -> [@Sendable () throws -> Void] {
        [
            {
                let path = folder + "/\(UInt64.random(in: 0 ... .max))"
                _ = try store.backUp(to: path)
                try? FileManager.default.removeItem(atPath: path)
            },
            { _ = try store.log.verify() }, { _ = try store.record.rebuild() },
        ]
    }

    /// Milliseconds.
    private static func commitTimes(_ store: Store, _ record: SealedRecord) throws -> (
        p50: Double, p99: Double
    ) {
        var times: [Double] = []
        for _ in 0..<commits {
            times.append(
                1000
                    * (try seconds {
                        try BenchLog.requireAppended(
                            try store.log.appendAndWait([Proposal(records: [record])]))
                    }))
            usleep(pause)
        }
        times.sort()
        return (times[commits / 2], times[commits * 99 / 100])
    }
}
