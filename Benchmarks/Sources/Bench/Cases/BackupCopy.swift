import Ciphers
import EventLog
import Foundation
import Wire

/// A whole backup of a log and its keys, synced, beside the copy of the log's file by `cp`, synced too: bytes of that file a second.
enum BackupCopy {
    static let records = 500_000
    static let partBytes = 600
    static let rounds = 5

    static var benchmark: Benchmark {
        Benchmark("backup/copy") { run in
            run.line("backup/copy") {
                let bench = try BenchLog(run)
                defer {
                    bench.close()
                    run.remove(bench.folder)
                }
                try fill(bench.log)
                let file = bench.folder + "/log/data.mdb"
                let bytes = Double(try bench.log.stat().usedBytes)
                let outcome = try Rounds.interleave(rounds) { _ in
                    let folder = try run.freshFolder("backup")
                    defer { run.remove(folder) }
                    return bytes
                        / (try seconds {
                            let report = try Backup(of: bench.log, keys: bench.keys, to: folder).run()
                            guard report.records == UInt64(records) + 1 else {
                                throw Peer.Failure(description: "\(report.records) records were copied")
                            }
                        })
                } peer: { _ in
                    let folder = try run.freshFolder("copy")
                    defer { run.remove(folder) }
                    return bytes / (try seconds { try copy(file, to: folder + "/data.mdb") })
                }
                Report.ratio("backup/copy", daybook: outcome.daybook, peer: outcome.peer, unit: "bytes/s")
            }
        }
    }

    /// Records whose parts hash to what their headers say: a backup checks them.
    private static func fill(_ log: EventLog) throws {
        var random = SplitMix64(seed: 11)
        let parts = (0..<4096).map { _ in
            (0..<partBytes).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        let made = try parts.map { part in
            try SealedRecord(
                recordClass: .sourceUpdate, flags: .advancesStream,
                stream: StreamToken(high: random.next(), low: random.next()), slotA: KeySlot(3),
                partA: part, hashA: SHA256.hash(part))
        }
        var done = 0
        while done < records {
            let batch = (0..<min(1000, records - done)).map {
                Proposal(records: [made[(done + $0) % made.count]])
            }
            try BenchLog.requireAppended(try log.appendAndWait(batch))
            done += batch.count
        }
    }

    /// As `cp` does it, then synced as the backup is.
    private static func copy(_ file: String, to path: String) throws {
        let copying = Process()
        copying.executableURL = URL(fileURLWithPath: "/bin/cp")
        copying.arguments = [file, path]
        try copying.run()
        copying.waitUntilExit()
        let descriptor = open(path, O_RDONLY)
        defer { close(descriptor) }
        guard copying.terminationStatus == 0, descriptor >= 0, fsync(descriptor) == 0 else {
            throw Peer.Failure(description: "the copy failed")
        }
    }
}
