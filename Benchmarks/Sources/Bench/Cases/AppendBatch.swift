import EventLog
import Wire

/// Units of 1,000 records of about 400 stored bytes from four producers, against a C loop that puts the same bytes.
enum AppendBatch {
    static let unitRecords = 1000
    static let producers = 4
    static let unitsPerProducer = 50
    static let rounds = 7

    static let names = (
        equal: "append.batch/lmdb", merged: "append.batch-merged/lmdb",
        both: "append.batch-merged/lmdb-merged"
    )

    static var benchmark: Benchmark {
        Benchmark(names.equal, names.merged, names.both) { run in
            let records = try SealedRecords(producers * unitRecords, seed: 1)
            let values = run.freshFile("values")
            try PeerFiles.writeValues(records.storedValues, to: values)
            run.line(names.equal) { try equalSyncs(run, records, values) }
            run.line(names.merged) { try merged(run, records, values) }
            run.line(names.both) { try bothMerged(run, records, values) }
        }
    }

    /// One unit a commit on both sides, so as many syncs on both.
    private static func equalSyncs(_ run: Run, _ records: SealedRecords, _ values: String) throws {
        var options = LogOptions()
        options.groupBytes = 1
        options.lingerMicroseconds = 0
        try measure(run, names.equal, records, values, options) { _ in unitRecords }
    }

    /// The four producers' units share commits, as the log does unless told otherwise; the C loop still commits every
    /// 1,000. What a C loop does that merges as much is a line of its own, for the record.
    private static func merged(_ run: Run, _ records: SealedRecords, _ values: String) throws {
        try measure(run, names.merged, records, values, LogOptions()) { _ in unitRecords }
    }

    private static func bothMerged(_ run: Run, _ records: SealedRecords, _ values: String) throws {
        try measure(run, names.both, records, values, LogOptions()) { recordsPerCommit in recordsPerCommit }
    }

    private static func measure(
        _ run: Run, _ name: String, _ records: SealedRecords, _ values: String, _ options: LogOptions,
        perCommit: (Int) -> Int
    ) throws {
        let bench = try BenchLog(run, options: options)
        defer {
            bench.close()
            run.remove(bench.folder)
        }
        let folder = try run.freshFolder("lmdb")
        defer { run.remove(folder) }
        let peer = try Peer(try run.peers.path("lmdb_append"), [folder, values])
        defer { peer.stop() }
        let total = producers * unitsPerProducer * unitRecords
        var recordsPerCommit = unitRecords * producers
        let outcome = try Rounds.interleave(rounds) { _ in
            let before = try bench.commits
            let spent = try append(bench.log, records)
            recordsPerCommit = total / max(1, try bench.commits - before)
            Report.note("    \(recordsPerCommit) records a commit")
            return Double(total) / spent
        } peer: { _ in
            try peer.ask("round \(total) \(perCommit(recordsPerCommit))")
        }
        Report.ratio(name, daybook: outcome.daybook, peer: outcome.peer, unit: "records/s")
    }

    /// Seconds in which the producers' units were all appended, each producer waiting for its own.
    private static func append(_ log: EventLog, _ records: SealedRecords) throws -> Double {
        let units = (0..<producers).map { producer in
            records.records[producer * unitRecords..<(producer + 1) * unitRecords]
                .map { Proposal(records: [$0]) }
        }
        return try Writers.run(producers) { number in
            for _ in 0..<unitsPerProducer {
                try BenchLog.requireAppended(try log.appendAndWait(units[number]))
            }
        }
    }
}
