import Ciphers
import EventLog
import Foundation
import Server
import Synchronization

/// How long one record's commit takes while a backup, a verification and a rebuild run, one after another without a pause, against a log at rest.
///
/// Rest and work take turns, so that a machine that changes its pace meanwhile changes both, and the 99th percentile is of all rounds
/// together: of one round alone it is its fifteen slowest commits, and swings by half between runs. At rest means that nothing waits to be
/// written. What the work leaves is removed between the rounds: nobody makes a backup to delete it.
enum BackgroundLatency {
    static let patients = 1000
    static let versions = 200
    static let rounds = 4
    static let commits = 1500
    /// Between one commit and the next, microseconds: a feed, not a flood.
    static let pause: UInt32 = 3000

    static let verifying = "latency.verify"

    /// The other end of `background`'s verification, which another process does beside a server: all of the store, each time it is asked to.
    static func verifyWhenAsked(_ folder: String) throws {
        FileHandle.standardOutput.write(Data("ready\n".utf8))
        while readLine() != nil {
            let took = try seconds {
                let report = try StoreVerification.run(at: folder)
                guard report.isSound else { throw Peer.Failure(description: "\(report)") }
            }
            FileHandle.standardOutput.write(Data("\(took)\n".utf8))
        }
    }

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
                var (idle, busy): ([Double], [Double]) = ([], [])
                for round in 1...rounds {
                    sync()
                    let before = try commitTimes(bench.store, record)
                    let folder = try run.freshFolder("backups")
                    let beside = try besideWork(bench, record, folder)
                    run.remove(folder)
                    for (name, times) in [("idle", before), ("busy", beside)] {
                        Report.note(
                            "  round \(round) \(name) p50 \(Report.plain(percentile(50, times))) "
                                + "p99 \(Report.plain(percentile(99, times))) most \(Report.plain(times.max() ?? 0)) ms"
                        )
                    }
                    idle += before
                    busy += beside
                }
                let (rest, work) = (percentile(99, idle), percentile(99, busy))
                Report.value(
                    "latency.background", work / rest,
                    unit: "times idle (p99 \(Report.plain(rest)) ms, then \(Report.plain(work)) ms)")
            }
        }
    }

    /// Of a class that nothing folds or opens, about as large as a small event; a backup and a verification check its hash.
    private static func record() throws -> SealedRecord {
        let part = [UInt8](repeating: 7, count: 200)
        return try SealedRecord(
            recordClass: RecordClass(rawValue: 200), slotA: KeySlot(3), partA: part, hashA: SHA256.hash(part))
    }

    /// Milliseconds of each commit while all three kinds of work run.
    private static func besideWork(
        _ bench: PatientStore, _ record: SealedRecord, _ folder: String
    ) throws -> [Double] {
        let store = bench.store
        let verifier = try Peer(CommandLine.arguments[0], ["--child", verifying, "--folder", bench.folder])
        defer { verifier.stop() }
        let verify = Mutex(Verifier(peer: verifier))
        let stopping = Atomic<Bool>(false)
        let failure = Failure()
        let done = DispatchGroup()
        let verification = { @Sendable () throws -> Void in try verify.withLock { _ = try $0.peer.ask("go") }
        }
        for work in background(store, folder) + [verification] {
            DispatchQueue.global().async(group: done) {
                do { repeat { try work() } while !stopping.load(ordering: .relaxed) } catch {
                    failure.note(error)
                }
            }
        }
        let times = Result { try commitTimes(store, record) }
        stopping.store(true, ordering: .relaxed)
        done.wait()
        try failure.check()
        return try times.get()
    }

    /// Unchecked because one thread at a time asks: it is in a lock.
    private struct Verifier: @unchecked Sendable {
        let peer: Peer
    }

    private static func background(_ store: Store, _ folder: String) -> [@Sendable () throws -> Void] {
        [
            { _ = try store.backUp(to: folder + "/\(UInt64.random(in: 0 ... .max))") },
            { _ = try store.record.rebuild() },
        ]
    }

    /// Milliseconds of each commit.
    private static func commitTimes(_ store: Store, _ record: SealedRecord) throws -> [Double] {
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
        return times
    }

    private static func percentile(_ percent: Int, _ times: [Double]) -> Double {
        times.sorted()[times.count * percent / 100]
    }
}
