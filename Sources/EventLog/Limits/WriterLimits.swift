import Wire

/// How hard a log's writer works: what only its own process knows, and leaves in a file for others to see.
public struct WriterLimits: Sendable, Hashable {
    public var process: Int32
    /// When this was so, by the machine's clock.
    public var at: Instant
    /// Units (append calls) that waited, and their bytes; and the bound on the latter.
    public var waitingUnits: Int
    public var waitingBytes: Int
    public var maxWaitingBytes: Int
    /// Address space that the writer reserved for the log; nil in the word of a writer from before this was said.
    public var mapBytes: UInt64?
    /// From taking a group's last units until it is durable, since the log was opened.
    public var commits: DurationSummary
    /// The share of that in LMDB's own commit: writing pages and two syncs.
    public var syncs: DurationSummary

    private static let names = ["commit", "sync"]

    /// Lines of a word and numbers.
    var text: String {
        var lines = [
            "process \(process)", "at \(at.microseconds)",
            "waiting \(waitingUnits) \(waitingBytes) \(maxWaitingBytes)",
        ]
        if let mapBytes { lines.append("map \(mapBytes)") }
        for (name, d) in zip(Self.names, [commits, syncs]) {
            lines.append(
                "\(name) \(d.count) \(d.medianMicroseconds) \(d.p99Microseconds) \(d.longestMicroseconds)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// - Returns: nil for anything that `text` does not write.
    init?(text: String) {
        var numbers: [String: [Int64]] = [:]
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let name = words.first else { return nil }
            numbers[String(name)] = words.dropFirst().compactMap { Int64($0) }
        }
        func values(_ name: String, _ count: Int) -> [Int64]? {
            numbers[name].flatMap { $0.count == count && $0.allSatisfy { $0 >= 0 } ? $0 : nil }
        }
        func summary(_ name: String) -> DurationSummary? {
            values(name, 4).map {
                DurationSummary(
                    count: UInt64($0[0]), medianMicroseconds: UInt64($0[1]), p99Microseconds: UInt64($0[2]),
                    longestMicroseconds: UInt64($0[3]))
            }
        }
        guard let process = values("process", 1), let at = values("at", 1),
            let waiting = values("waiting", 3),
            let commits = summary("commit"), let syncs = summary("sync")
        else { return nil }
        self.init(
            process: Int32(truncatingIfNeeded: process[0]), at: Instant(microseconds: at[0]),
            waitingUnits: Int(waiting[0]), waitingBytes: Int(waiting[1]), maxWaitingBytes: Int(waiting[2]),
            mapBytes: values("map", 1).map { UInt64($0[0]) }, commits: commits, syncs: syncs)
    }

    init(
        process: Int32, at: Instant, waitingUnits: Int, waitingBytes: Int, maxWaitingBytes: Int,
        mapBytes: UInt64?, commits: DurationSummary, syncs: DurationSummary
    ) {
        (self.process, self.at) = (process, at)
        (self.waitingUnits, self.waitingBytes, self.maxWaitingBytes) = (
            waitingUnits, waitingBytes, maxWaitingBytes
        )
        (self.mapBytes, self.commits, self.syncs) = (mapBytes, commits, syncs)
    }
}
