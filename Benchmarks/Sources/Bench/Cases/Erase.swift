import CareRecord
import EventLog
import Foundation
import Server

/// A patient erased from a store of a million events: from the request until the keys are in no file and read models have dropped the rows.
enum Erase {
    static let patients = 5000
    static let versions = 200
    static let rounds = 7

    static var benchmark: Benchmark {
        Benchmark("erase") { run in
            run.line("erase") {
                let bench = try PatientStore(run, patients: patients, versions: versions)
                defer {
                    bench.close()
                    run.remove(bench.folder)
                }
                var spent: [Double] = []
                for round in 0..<rounds {
                    guard let patient = PatientReference("\(BenchRegion.source):p\(round * 611)") else {
                        throw Peer.Failure(description: "no patient")
                    }
                    let request = ErasureRequest(
                        patient: patient, authority: "measured", approvedBy: ["privacy-1", "guardian-1"],
                        asker: PatientStore.asker)
                    spent.append(try seconds { _ = try bench.store.erase(request) })
                    Report.note("  \(Report.plain(spent[round]))")
                }
                Report.value(
                    "erase", spent.max() ?? 0,
                    unit: "s, the longest of \(rounds), \(patients * versions) events")
            }
        }
    }
}
