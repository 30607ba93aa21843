import EventLog
import Foundation
import Wire

/// Real resources compressed, sealed, hashed and committed, 1,000 a commit: against a C loop that puts the bytes that
/// came of it, and against PostgreSQL copying the same resources into a jsonb column from as many connections.
enum AppendPipe {
    static let producers = 4
    static let unitRecords = 1000
    static let unitsPerProducer = 10
    static let rounds = 5

    private static let lmdb = "append.pipe/lmdb"
    private static let postgres = "append.pipe/postgres"

    static var benchmark: Benchmark {
        Benchmark(lmdb, postgres) { run in
            let resources = try self.resources(run)
            let bench = try BenchLog(run)
            defer {
                bench.close()
                run.remove(bench.folder)
            }
            let total = producers * unitRecords * unitsPerProducer
            run.line(lmdb) {
                let values = run.freshFile("values")
                try PeerFiles.writeValues(try sealed(bench, resources), to: values)
                let peer = try Peer(
                    try run.peers.path("lmdb_append"), [try run.freshFolder("lmdb"), values])
                defer { peer.stop() }
                try measure(lmdb, bench, resources) { try peer.ask("round \(total) \(unitRecords)") }
            }
            run.line(postgres) {
                let values = run.freshFile("values")
                try PeerFiles.writeValues(resources, to: values)
                let peer = try Peer(
                    try run.peers.path("pg_append"),
                    [try run.postgres().socketFolder, values, "jsonb", "\(producers)"])
                defer { peer.stop() }
                try measure(postgres, bench, resources) { try peer.ask("copy \(total) \(unitRecords)") }
            }
        }
    }

    /// The corpora's, else synthetic ones.
    private static func resources(_ run: Run) throws -> [[UInt8]] {
        do {
            return try Corpus(unzippingInto: try run.freshFolder("synthea")).resourceBytes()
        } catch is Corpus.Missing {
            var all: [[UInt8]] = []
            for number in 0..<50 {
                SyntheticPatient(number: number, versions: 200).forEachVersion { all.append($0.bytes) }
            }
            return all
        }
    }

    private static func measure(
        _ name: String, _ bench: BenchLog, _ resources: [[UInt8]], peer: () throws -> Double
    ) throws {
        let total = producers * unitRecords * unitsPerProducer
        let outcome = try Rounds.interleave(rounds) { _ in
            let spent = try Writers.run(producers) { producer in
                let sealer = RecordSealer(keys: bench.keys)
                for unit in 0..<unitsPerProducer {
                    let from = (producer * unitsPerProducer + unit) * unitRecords
                    let proposals = try (from..<from + unitRecords).map { index in
                        Proposal(records: [try seal(resources[index % resources.count], index, sealer)])
                    }
                    try BenchLog.requireAppended(try bench.log.appendAndWait(proposals))
                }
            }
            return Double(total) / spent
        } peer: { _ in
            try peer()
        }
        Report.ratio(name, daybook: outcome.daybook, peer: outcome.peer, unit: "resources/s")
    }

    /// Subjects whose keys are used in turn.
    private static let subjects = 1000

    private static func seal(_ resource: [UInt8], _ index: Int, _ sealer: RecordSealer) throws -> SealedRecord
    {
        let subject = UInt64(index % subjects)
        return try sealer.seal(
            .sourceUpdate, flags: .advancesStream,
            stream: StreamToken(high: subject &* 0x9E37_79B9_7F4A_7C15, low: subject + 1),
            slotA: KeySlot(KeySlot.firstFree.value + subject), bodyA: [BodyItem(resource)])
    }

    /// The stored bytes of each resource once.
    private static func sealed(_ bench: BenchLog, _ resources: [[UInt8]]) throws -> [[UInt8]] {
        let sealer = RecordSealer(keys: bench.keys)
        return try resources.enumerated().map { index, resource in
            let record = try seal(resource, index, sealer)
            return record.header.encoded() + record.partA
        }
    }
}
