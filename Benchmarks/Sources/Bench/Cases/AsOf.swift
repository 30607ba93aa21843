import CareRecord
import EventLog
import Foundation
import Projections
@_spi(Measurement) import Server
import Wire

/// Reads of a patient as of a random instant, on one core, against PostgreSQL's rows.
enum AsOf {
    static let patients = 1000
    static let versions = 200
    static let reads = 3000
    static let rounds = 5

    private static let jsonb = "asof/postgres-jsonb"
    private static let text = "asof/postgres-text"
    private static let view = "view/postgres-jsonb"
    private static let receipt = "view.receipt"
    private static let date = "asof.date"

    static var benchmark: Benchmark {
        Benchmark(jsonb, text, view, receipt, date) { run in
            let bench = try PatientStore(run, patients: patients, versions: versions)
            defer {
                bench.close()
                run.remove(bench.folder)
            }
            let data = run.freshFile("versions")
            if run.wants(jsonb) || run.wants(text) || run.wants(view) {
                try PeerFiles.writeVersions(patients: patients, versions: versions, to: data)
            }
            for (name, kind) in [(jsonb, "jsonb"), (text, "text")] {
                run.line(name) {
                    try against(run, name, data, kind) { try assembled(bench, seed: $0) }
                }
            }
            run.line(view) { try against(run, view, data, "jsonb") { try viewed(bench, seed: $0) } }
            run.line(receipt) { try receiptCost(bench) }
            run.line(date) {
                let outcome = try Rounds.interleave(rounds) { round in
                    try assembled(bench, seed: UInt64(round))
                } peer: { round in
                    try assembled(bench, seed: UInt64(round), latest: true)
                }
                Report.ratio(date, daybook: outcome.daybook, peer: outcome.peer, unit: "reads/s")
            }
            run.remove(data)
        }
    }

    private static func against(
        _ run: Run, _ name: String, _ data: String, _ kind: String, daybook: (UInt64) throws -> Double
    ) throws {
        let program = try run.peers.path("pg_asof")
        let peer = try Peer(program, [try run.postgres().socketFolder, data, kind])
        defer { peer.stop() }
        let outcome = try Rounds.interleave(rounds) { round in
            try daybook(UInt64(round))
        } peer: { round in
            try peer.ask("round \(reads) \(round)")
        }
        Report.ratio(name, daybook: outcome.daybook, peer: outcome.peer, unit: "views/s")
    }

    /// Reads a second of a random patient as of a random instant (or now), the body put together in memory.
    static func assembled(
        _ bench: PatientStore, seed: UInt64, latest: Bool = false, reads: Int = reads
    ) throws -> Double {
        var random = SplitMix64(seed: seed)
        var body: [UInt8] = []
        var shown = 0
        let spent = try seconds {
            for _ in 0..<reads {
                let patient = bench.patients[random.below(bench.patients.count)]
                let instant = latest ? patient.last : self.instant(of: patient, &random)
                let position = try bench.store.log.resolve(instant)
                let records = try bench.store.record.records(of: [patient.stream], at: position)
                assemble(records, into: &body)
                shown += body.count
            }
        }
        Report.note("    \(shown / reads) bytes a read")
        guard shown > reads * 2 else { throw Peer.Failure(description: "nothing was read") }
        return Double(reads) / spent
    }

    private static func assemble(_ records: [[CategoryRecord]], into body: inout [UInt8]) {
        body.removeAll(keepingCapacity: true)
        body.append(UInt8(ascii: "["))
        for category in records.joined() {
            for version in category.versions where !version.isTombstone {
                if body.count > 1 { body.append(UInt8(ascii: ",")) }
                body += category.content(of: version)
            }
        }
        body.append(UInt8(ascii: "]"))
    }

    private static func instant(of patient: PatientStore.Patient, _ random: inout SplitMix64) -> Instant {
        let span = patient.last.microseconds - patient.first.microseconds
        return Instant(microseconds: patient.first.microseconds + Int64(random.below(Int(span) + 1)))
    }

    private static func request(_ bench: PatientStore, _ random: inout SplitMix64) -> ViewRequest {
        let number = random.below(bench.patients.count)
        return ViewRequest(
            user: BenchRegion.viewer,
            patient: .subject(SubjectID(organisation: BenchRegion.source, localID: "p\(number)")),
            at: .instant(instant(of: bench.patients[number], &random)), asker: PatientStore.asker)
    }

    /// Views a second with the decision and the rendered answer, without the receipt.
    private static func viewed(_ bench: PatientStore, seed: UInt64) throws -> Double {
        var random = SplitMix64(seed: seed)
        var shown = 0
        let spent = try seconds {
            for _ in 0..<reads {
                let body = try bench.store.unreceiptedBody(request(bench, &random))
                shown += body.count
            }
        }
        Report.note("    \(shown / reads) bytes a view")
        // What the policy withholds would be quick to show.
        guard shown > reads * 40_000 else { throw Peer.Failure(description: "\(shown / reads) bytes a view") }
        return Double(reads) / spent
    }

    /// What the durable receipt adds to a view, one view after the other: the median of what both take.
    private static func receiptCost(_ bench: PatientStore) throws {
        let views = 300
        let outcome = try Rounds.interleave(rounds) { round in
            var random = SplitMix64(seed: UInt64(round))
            let spent = try seconds {
                for _ in 0..<views { _ = try bench.store.view(request(bench, &random)) }
            }
            return spent / Double(views)
        } peer: { round in
            var random = SplitMix64(seed: UInt64(round))
            let spent = try seconds {
                for _ in 0..<views { _ = try bench.store.unreceiptedBody(request(bench, &random)) }
            }
            return spent / Double(views)
        }
        Report.value(receipt, (outcome.daybook - outcome.peer) * 1e6, unit: "µs a view, one at a time")
    }
}
