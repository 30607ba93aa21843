import EventLog
import Foundation
import Projections
import Server

/// The record view built anew beside the old one and compared with it, and the log verified.
enum Rebuild {
    static let patients = 1000
    static let versions = 200
    static let rounds = 3

    private static let rebuild = "rebuild"
    private static let verify = "verify/sha256"

    static var benchmark: Benchmark {
        Benchmark(rebuild, verify) { run in
            let bench = try PatientStore(run, patients: patients, versions: versions)
            defer {
                bench.close()
                run.remove(bench.folder)
            }
            run.line(rebuild) {
                var rates: [Double] = []
                for _ in 0..<rounds {
                    let spent = try seconds {
                        let report = try bench.store.record.rebuild()
                        guard report.isSwapped, report.difference == nil else {
                            throw Peer.Failure(description: "the rebuild differs: \(report)")
                        }
                    }
                    rates.append(Double(patients * versions) / spent)
                    Report.note("  \(Report.plain(rates[rates.count - 1]))")
                }
                Report.value(rebuild, median(rates), unit: "versions/s")
            }
            run.line(verify) {
                let peer = try Peer(try run.peers.path("sha256_records"), [bench.folder + "/log"])
                defer { peer.stop() }
                let outcome = try Rounds.interleave(rounds) { _ in
                    try verified(bench.store.log)
                } peer: { _ in
                    try peer.ask("round")
                }
                Report.ratio(verify, daybook: outcome.daybook, peer: outcome.peer, unit: "records/s")
            }
        }
    }

    /// Records a second that two threads verify: hashes, batches, tiles, roots, times and indexes.
    private static func verified(_ log: EventLog) throws -> Double {
        var options = VerifyOptions()
        options.threads = 2
        var records = 0
        let spent = try seconds {
            let report = try log.verify(options)
            guard report.problems.isEmpty else {
                throw Peer.Failure(description: "verify found \(report.problems[0])")
            }
            records = Int(report.records)
        }
        return Double(records) / spent
    }
}
