import Foundation
import Intake
import Server
import Wire

/// HL7 v2 over MLLP at `daybook serve`: admissions and laboratory reports half and half, each acknowledged once it is durable, on 64
/// connections that each wait for the answer to one before they send the next.
enum MLLP {
    static let connections = 64
    static let patients = 2000
    static let seconds = 4
    static let rounds = 3
    /// Connections that say nothing.
    static let idle = 4000

    private static let echo = "mllp/echo"
    private static let postgres = "mllp/postgres"
    private static let latency = "mllp.latency"
    private static let memory = "mllp.idle"

    static var benchmark: Benchmark {
        Benchmark(echo, postgres, latency, memory) { run in
            let load = try run.peers.path("mllp_load")
            let folder = try run.freshFolder("fed") + "/store"
            try makeStore(folder)
            let program = try ServedProgram(
                try ServingPrograms.daybook(),
                [
                    "serve", "--http", "127.0.0.1:0", "--mllp", "127.0.0.1:0", "--mllp-source",
                    BenchRegion.hospital,
                ], store: folder)
            defer {
                program.stop()
                run.remove(folder)
            }
            let metrics = "http://127.0.0.1:\(try program.port(after: "Serving "))/metrics"
            let ours = try Load(load, port: try program.port(after: "MLLP"))
            var best = 0.0
            run.line(echo) {
                let listener = try ServedProgram(try ServingPrograms.echo(), [])
                defer { listener.stop() }
                let theirs = try Load(load, port: try listener.port(after: "MLLP"))
                let outcome = try Rounds.interleave(rounds) { _ in
                    try ours.round()
                } peer: { _ in
                    try theirs.round()
                }
                best = outcome.daybook
                Report.ratio(echo, daybook: outcome.daybook, peer: outcome.peer, unit: "messages/s")
            }
            run.line(postgres) {
                let receiver = try Peer(try run.peers.path("pg_mllp"), [try run.postgres().socketFolder])
                defer { receiver.stop() }
                let theirs = try Load(load, port: Int(try receiver.ask("port")))
                let outcome = try Rounds.interleave(rounds) { _ in
                    try ours.round()
                } peer: { _ in
                    try theirs.round()
                }
                Report.ratio(postgres, daybook: outcome.daybook, peer: outcome.peer, unit: "messages/s")
            }
            run.line(latency) {
                if best == 0 { best = try ours.round() }
                try atHalfLoad(ours, best / 2, metrics)
            }
            run.line(memory) {
                let before = try program.anonymousBytes()
                _ = try ours.peer.ask("idle \(idle)")
                // The server takes them one by one: the last is in once a message of another is answered.
                _ = try ours.round()
                let each = (try program.anonymousBytes() - before) / Double(idle)
                Report.value(
                    memory, each / 1024, unit: "KiB of own memory for each of \(idle) idle connections")
            }
        }
    }

    /// The load's side: a peer that sends.
    private struct Load {
        let peer: Peer

        init(_ program: String, port: Int) throws {
            peer = try Peer(program, ["\(port)", "\(connections)", BenchRegion.hospital, "\(patients)"])
        }

        /// - Parameter rate: messages a second; 0 for as many as are answered.
        func round(rate: Double = 0) throws -> Double {
            let told = try peer.ask("round \(seconds) \(Int(rate))")
            let refused = try peer.ask("refused")
            guard refused == 0 else { throw Peer.Failure(description: "\(refused) messages were refused") }
            return told
        }
    }

    /// p99 from when a message was due until its acknowledgement, in median commits of the log meanwhile.
    private static func atHalfLoad(_ load: Load, _ rate: Double, _ metrics: String) throws {
        var times: [(p99: Double, commit: Double)] = []
        for _ in 0..<rounds {
            _ = try load.round(rate: rate)
            let scraped = try ServingPrograms.output("/usr/bin/curl", ["-sf", metrics])
            guard
                let found = scraped.firstMatch(
                    of: /daybook_log_commit_seconds\{quantile="0.5"\} ([0-9.e-]+)/),
                let commit = Double(found.1)
            else { throw Peer.Failure(description: "no commit times at /metrics") }
            times.append((try load.peer.ask("quantile 0.99"), commit * 1e6))
        }
        let p99 = median(times.map(\.p99))
        let commit = median(times.map(\.commit))
        Report.value(
            latency, p99 / commit,
            unit:
                "commit times at p99 of half the load (\(Report.plain(rate))/s: \(Report.plain(p99)) µs; a commit \(Report.plain(commit)) µs)"
        )
    }

    private static func makeStore(_ folder: String) throws {
        try Store.create(at: folder, simulatedClock: true, now: Instant(microseconds: 1_704_067_200_000_000))
        let store = try Store(at: folder)
        defer { store.close() }
        try BenchRegion.apply(to: store)
    }
}
