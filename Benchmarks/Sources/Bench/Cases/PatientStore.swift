import CareRecord
import EventLog
import Foundation
import Intake
import Server
import Wire

/// A store with synthetic patients in it, taken in as a source would send them: one resource a message, every patient's
/// next version before anyone's after it, so that a patient's versions spread over the log and over its time.
struct PatientStore {
    let folder: String
    let store: Store
    /// The patients by number: their stream, and the times of their first and last version.
    let patients: [Patient]

    struct Patient: Sendable {
        var stream: StreamToken
        var first: Instant
        var last: Instant
    }

    static let asker = Asker(systemUser: "bench")

    init(_ run: Run, patients count: Int, versions: Int) throws {
        folder = try run.freshFolder("store") + "/store"
        guard let start = Instant(rfc3339: "2024-01-01T00:00:00Z") else {
            throw Peer.Failure(description: "no start")
        }
        try Store.create(at: folder, simulatedClock: true, now: start)
        store = try Store(at: folder)
        let calendar = try BenchRegion.apply(to: store)
        let sharing = try PatientPolicyFile(
            Array(BenchRegion.sharing(patients: count).utf8), file: "sharing.yaml", calendar: calendar)
        _ = try store.recordPolicy(sharing.drafts, asker: Self.asker)
        let before = try store.log.head.position
        try Self.ingest(into: store, patients: count, versions: versions)
        let after = try store.log.head.position
        try Self.catchUp(store)
        patients = try Self.patients(of: store, count, from: before, through: after)
    }

    func close() { store.close() }

    static func catchUp(_ store: Store) throws {
        let head = try store.log.head.position
        try store.identity.catchUp(to: head)
        try store.policy.catchUp(to: head)
        try store.record.catchUp(to: head)
        try store.trail.catchUp(to: head)
        try store.people.catchUp(to: head)
    }

    /// The first of a patient's versions is the patient itself, so a wave begins with every patient's stream in order.
    private static func patients(
        of store: Store, _ count: Int, from before: Position, through after: Position
    ) throws -> [Patient] {
        let perPatient = Int(after.value - before.value) / count
        return try (0..<count).map { number in
            let first = Position(before.value + 1 + UInt64(number))
            let last = Position(before.value + 1 + UInt64(number + (perPatient - 1) * count))
            return Patient(
                stream: try store.log.header(at: first).stream, first: try store.log.time(of: first),
                last: try store.log.time(of: last))
        }
    }

    private static let fileBytes = 32 << 20

    private static func ingest(into store: Store, patients: Int, versions: Int) throws {
        let feeds = (0..<patients).map { SyntheticPatient(number: $0, versions: versions) }
        var states = feeds.map { $0.start() }
        var file: [UInt8] = []
        var number = 0
        for _ in 0..<versions {
            for patient in states.indices {
                file += states[patient].next().bytes
                file.append(UInt8(ascii: "\n"))
                if file.count >= fileBytes { try flush(&file, &number, into: store) }
            }
        }
        try flush(&file, &number, into: store)
    }

    private static func flush(_ file: inout [UInt8], _ number: inout Int, into store: Store) throws {
        guard !file.isEmpty else { return }
        let messages = file.count { $0 == UInt8(ascii: "\n") }
        let input = IngestInput(name: "wave-\(number).ndjson", bytes: file)
        let summary = try store.ingest(source: BenchRegion.source, inputs: [input])
        guard summary.accepted == messages else {
            let notes = summary.notes.first.map(\.text) ?? ""
            throw Peer.Failure(
                description: "\(summary.accepted) of \(messages) messages were taken: \(notes)")
        }
        number += 1
        file.removeAll(keepingCapacity: true)
    }
}
