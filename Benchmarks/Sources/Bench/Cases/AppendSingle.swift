import EventLog
import Foundation
import Wire

/// 64 concurrent writers, one event each at a time, each acknowledged only once it is on the disk.
enum AppendSingle {
    static let writers = 64
    static let recordsPerRound = 32_000
    static let postgresWriters = 16
    static let rounds = 7

    static var benchmark: Benchmark {
        Benchmark(
            "append.single/postgres", "append.single/lmdb", "append.single/umadb", "append.single/sqlite",
            "append.single/nats"
        ) { run in
            let records = try SealedRecords(4096, seed: 2)
            let values = run.freshFile("values")
            try PeerFiles.writeValues(records.storedValues, to: values)
            run.line("append.single/postgres") {
                let server = try run.postgres()
                let program = try run.peers.path("pg_append")
                try measure(
                    run, "append.single/postgres", records,
                    peer: try Peer(program, [server.socketFolder, values, "bytea", "\(postgresWriters)"]),
                    command: "single \(recordsPerRound)")
            }
            run.line("append.single/lmdb") {
                let program = try run.peers.path("lmdb_append")
                try measure(
                    run, "append.single/lmdb", records,
                    peer: try Peer(program, [try run.freshFolder("lmdb"), values]),
                    command: "round \(recordsPerRound) \(writers)")
            }
            run.line("append.single/umadb") {
                let (python, script) = try run.peers.umaDB()
                try measure(
                    run, "append.single/umadb", records, rounds: 3,
                    peer: try Peer(python, [script, try run.freshFolder("umadb"), values]),
                    command: "round 6400 \(writers)")
            }
            run.line("append.single/nats") {
                let (python, script) = try run.peers.nats()
                try measure(
                    run, "append.single/nats", records, rounds: 3,
                    peer: try Peer(python, [script, try run.freshFolder("nats"), values]),
                    command: "round 3200 \(writers)")
            }
            run.line("append.single/sqlite") {
                let program = try run.peers.path("sqlite_append")
                try measure(
                    run, "append.single/sqlite", records, rounds: 3,
                    peer: try Peer(program, [try run.freshFolder("sqlite") + "/events.db", values]),
                    command: "round 4000 1")
            }
        }
    }

    private static func measure(
        _ run: Run, _ name: String, _ records: SealedRecords, rounds: Int = rounds, peer: Peer,
        command: String
    ) throws {
        defer { peer.stop() }
        let bench = try BenchLog(run)
        defer {
            bench.close()
            run.remove(bench.folder)
        }
        let outcome = try Rounds.interleave(rounds) { _ in
            let before = try bench.commits
            let rate = Double(recordsPerRound) / (try append(bench.log, records))
            let commits = try bench.commits - before
            Report.note("    \(recordsPerRound / max(1, commits)) records a commit")
            return rate
        } peer: { _ in
            try peer.ask(command)
        }
        Report.ratio(name, daybook: outcome.daybook, peer: outcome.peer, unit: "records/s")
    }

    /// Seconds in which as many tasks as there are writers appended their share, one record after the other.
    private static func append(_ log: EventLog, _ records: SealedRecords) throws -> Double {
        let share = recordsPerRound / writers
        let failure = Failure()
        let done = DispatchSemaphore(value: 0)
        let spent = seconds {
            Task {
                await withTaskGroup(of: Void.self) { group in
                    for writer in 0..<writers {
                        group.addTask {
                            do {
                                for turn in 0..<share {
                                    let record = records.records[
                                        (writer * share + turn) % records.records.count]
                                    try BenchLog.requireAppended(
                                        try await log.append([Proposal(records: [record])]))
                                }
                            } catch { failure.note(error) }
                        }
                    }
                }
                done.signal()
            }
            done.wait()
        }
        try failure.check()
        return spent
    }
}
