import Foundation
import Server

/// The Synthea bundles taken into a new store, until every projection has caught up; and what that store takes on disk.
enum Import {
    static let rounds = 5

    private static let speed = "import"
    private static let source = "bytes/source"
    private static let minified = "bytes/minified"

    static var benchmark: Benchmark {
        Benchmark(speed, source, minified) { run in
            let corpus: Corpus
            do {
                corpus = try Corpus(unzippingInto: try run.freshFolder("synthea"))
            } catch let missing as Corpus.Missing {
                for name in [speed, source, minified] where run.wants(name) {
                    Report.skipped(name, because: missing.description)
                }
                return
            }
            var bytes = 0
            run.line(speed) {
                var rates: [Double] = []
                for round in 0...rounds {
                    let result = try once(run, corpus)
                    bytes = result.bytes
                    Report.note("  round \(round): \(Report.plain(result.rate))")
                    if round > 0 { rates.append(result.rate) }
                }
                Report.value(speed, median(rates), unit: "resources/s")
            }
            for (name, whole) in [(source, corpus.sourceBytes), (minified, corpus.minifiedBytes)] {
                run.line(name) {
                    if bytes == 0 { bytes = try once(run, corpus).bytes }
                    Report.ratio(name, daybook: Double(bytes), peer: Double(whole), unit: "bytes on disk")
                }
            }
        }
    }

    /// Takes all of it into a store of its own; the bytes are what its log and views take on disk once it is closed.
    private static func once(_ run: Run, _ corpus: Corpus) throws -> (rate: Double, bytes: Int) {
        let folder = try run.freshFolder("import") + "/store"
        defer { run.remove(folder) }
        try Store.create(at: folder)
        let store = try Store(at: folder)
        try BenchRegion.apply(to: store)
        let inputs = try corpus.files.map { path in
            IngestInput(
                name: (path as NSString).lastPathComponent,
                bytes: [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
        }
        let spent = try seconds {
            let summary = try store.ingest(source: BenchRegion.source, inputs: inputs)
            guard summary.accepted == inputs.count else {
                throw Peer.Failure(
                    description: "\(summary.accepted) of \(inputs.count): \(summary.notes.first?.text ?? "")")
            }
            try PatientStore.catchUp(store)
        }
        store.close()
        return (
            Double(corpus.resources) / spent,
            diskBytes(under: folder + "/log") + diskBytes(under: folder + "/views")
        )
    }
}
