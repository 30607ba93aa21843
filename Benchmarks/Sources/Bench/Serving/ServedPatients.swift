import Foundation
import Intake
import Server
import Wire

/// A store with synthetic patients, served by the release `daybook` in a process of its own, and a token of somebody who may see them.
final class ServedPatients {
    let folder: String
    let program: ServedProgram
    let address: String
    let token: String

    /// - Parameter resources: of each patient.
    init(_ run: Run, patients: Int, resources: Int) throws {
        let daybook = try ServingPrograms.daybook()
        folder = try run.freshFolder("served") + "/store"
        try Self.fill(folder, patients: patients, resources: resources)
        token = try ServingPrograms.output(daybook, ["token", "--user", BenchRegion.viewer], store: folder)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        program = try ServedProgram(daybook, ["serve", "--http", "127.0.0.1:0"], store: folder)
        address = "http://127.0.0.1:\(try program.port(after: "Serving "))"
    }

    func stop(_ run: Run) {
        program.stop()
        run.remove((folder as NSString).deletingLastPathComponent)
    }

    private static func fill(_ folder: String, patients: Int, resources: Int) throws {
        try Store.create(
            at: folder, simulatedClock: true, now: Instant(microseconds: 1_704_067_200_000_000))
        let store = try Store(at: folder)
        defer { store.close() }
        let calendar = try BenchRegion.apply(to: store)
        let sharing = try PatientPolicyFile(
            Array(BenchRegion.sharing(patients: patients).utf8), file: "sharing.yaml", calendar: calendar)
        _ = try store.recordPolicy(sharing.drafts, asker: PatientStore.asker)
        var file: [UInt8] = []
        let templates = Templates.ofPatient
        for patient in 0..<patients {
            for resource in 0..<resources {
                // The first is the patient, who is one.
                let template = templates[
                    resource < templates.count ? resource : 1 + resource % (templates.count - 1)]
                let name = ResourceName(patient: patient, resource: resource, type: template.type)
                template.fill(name, version: resource, into: &file)
                file.append(UInt8(ascii: "\n"))
            }
        }
        let summary = try store.ingest(
            source: BenchRegion.source, inputs: [IngestInput(name: "all.ndjson", bytes: file)])
        guard summary.accepted == patients * resources else {
            throw Peer.Failure(
                description: "\(summary.accepted) taken: \(summary.notes.first?.text ?? "")")
        }
        try PatientStore.catchUp(store)
    }

    /// What one request is answered: status and body.
    func ask(_ path: String) throws -> String {
        try ServingPrograms.output(
            "/usr/bin/curl", ["-sf", "-H", "Authorization: Bearer \(token)", address + path])
    }
}

/// A Prometheus histogram, as scraped.
struct Histogram {
    /// Cumulative counts by upper bound.
    var buckets: [(bound: Double, count: Double)] = []

    /// The upper bound's share of what came since: within a bucket as if evenly spread.
    func quantile(_ share: Double, since before: Histogram) -> Double {
        let counts = buckets.enumerated().map { index, bucket in
            bucket.count - (index < before.buckets.count ? before.buckets[index].count : 0)
        }
        let wanted = share * (counts.last ?? 0)
        var (low, under) = (0.0, 0.0)
        for (index, count) in counts.enumerated() {
            let bound = buckets[index].bound
            if count >= wanted, count > under {
                return bound.isFinite ? low + (bound - low) * (wanted - under) / (count - under) : low
            }
            (low, under) = (bound, count)
        }
        return low
    }
}

extension ServedPatients {
    func histogram(_ name: String) throws -> Histogram {
        var out = Histogram()
        for line in try ask("/metrics").split(separator: "\n") where line.hasPrefix(name + "_bucket{") {
            guard let bound = line.firstMatch(of: /le="([^"]+)"/)?.1,
                let count = line.split(separator: " ").last.flatMap({ Double($0) })
            else { continue }
            out.buckets.append((bound == "+Inf" ? .infinity : Double(bound) ?? 0, count))
        }
        guard !out.buckets.isEmpty else { throw Peer.Failure(description: "no \(name) at /metrics") }
        return out
    }
}
