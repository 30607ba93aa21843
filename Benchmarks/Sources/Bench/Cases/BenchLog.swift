import Ciphers
import EventLog
import Foundation
import Wire

/// A log of its own with its keys, on the disk that is measured, closed and removed with the benchmark.
struct BenchLog {
    let folder: String
    let log: EventLog
    let keys: KeyStore

    /// Creates the log and its first record.
    init(_ run: Run, options: LogOptions = LogOptions()) throws {
        folder = try run.freshFolder("log")
        let store = folder
        try FileManager.default.createDirectory(atPath: store + "/keys", withIntermediateDirectories: true)
        keys = try KeyStore.create(at: store + "/keys", master: try SecretKey.random())
        log = try EventLog(LogPaths(store: store), options: options)
        let sealer = RecordSealer(keys: keys)
        let created = try sealer.seal(.storeCreated, slotA: .region, bodyA: [BodyItem([])])
        _ = try log.appendAndWait([Proposal(records: [created])])
    }

    func close() {
        log.close()
        keys.close()
    }

    /// Commits that the log has made so far.
    var commits: Int { get throws { Int(try log.stat().commits) } }

    /// Fails where a proposal was not appended: a benchmark of refusals would be quick.
    static func requireAppended(_ outcomes: [AppendOutcome]) throws {
        for outcome in outcomes {
            guard case .appended = outcome else {
                throw Peer.Failure(description: "not appended: \(outcome)")
            }
        }
    }
}
