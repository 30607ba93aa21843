import CareRecord
import Foundation
import Intake
import Server
import Wire

/// A store in a folder of its own, gone with the object.
final class TemporaryStore {
    let directory: String
    var store: Store

    init(simulatedClock: Bool = true, now: String = "2018-01-01T09:00:00Z") throws {
        directory = NSTemporaryDirectory() + "daybook-server-\(UUID().uuidString)"
        try Store.create(
            at: directory, simulatedClock: simulatedClock, now: simulatedClock ? Instant(rfc3339: now) : nil)
        store = try Store(at: directory)
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(atPath: directory)
        try? FileManager.default.removeItem(atPath: directory + ".key")
    }

    func reopen(now: String? = nil) throws {
        store.close()
        store = try Store(at: directory, now: now.flatMap { Instant(rfc3339: $0) })
    }

    static let asker = Asker(systemUser: "tester")

    func apply(_ yaml: String) throws {
        _ = try store.applyRegion(
            try RegionFile(Array(yaml.utf8), file: "region.yaml"), fileName: "region.yaml", asker: Self.asker)
    }

    func policy(_ yaml: String) throws {
        let file = try PatientPolicyFile(
            Array(yaml.utf8), file: "policy.yaml", calendar: .london, declared: try store.regionDeclaration())
        _ = try store.recordPolicy(file.drafts, asker: Self.asker)
    }

    func ingest(_ source: String, _ json: String, name: String = "message.json") throws -> IngestSummary {
        try store.ingest(source: source, inputs: [IngestInput(name: name, bytes: Array(json.utf8))])
    }

    func view(_ user: String, _ patient: String, at: String? = nil, role: String? = nil) throws
        -> ReceiptedAnswer
    {
        try store.view(
            ViewRequest(
                user: user, patient: PatientReference(patient)!, at: at.map { When($0)! }, profile: role,
                asker: Self.asker))
    }
}
