import Foundation

/// The same read of a patient with a long history and of one with a short one.
enum AsOfDepth {
    static let deep = 100_000
    static let shallow = 100
    static let reads = 2000
    static let rounds = 5
    static let name = "asof.depth"

    static var benchmark: Benchmark {
        Benchmark(name) { run in
            run.line(name) {
                let long = try PatientStore(run, patients: 1, versions: deep)
                let short = try PatientStore(run, patients: 1, versions: shallow)
                defer {
                    for bench in [long, short] {
                        bench.close()
                        run.remove(bench.folder)
                    }
                }
                let outcome = try Rounds.interleave(rounds) { round in
                    try AsOf.assembled(long, seed: UInt64(round), reads: reads)
                } peer: { round in
                    try AsOf.assembled(short, seed: UInt64(round), reads: reads)
                }
                Report.ratio(name, daybook: outcome.daybook, peer: outcome.peer, unit: "reads/s")
            }
        }
    }
}
