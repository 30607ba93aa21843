import Foundation
import Wire

/// Counts how long commits take, and says so in `STORE/log/writer.stat` every few seconds while there is something to say.
final class WriterTimes: Sendable {
    private struct State {
        var commits = DurationHistogram()
        var syncs = DurationHistogram()
        /// Commits that the file tells of; nil before this writer has written it.
        var told: UInt64?
        var stopping = false
    }

    private static let intervalMicroseconds = 2_000_000

    private let path: String
    private let mapBytes: UInt64
    private let state = Monitor(State())

    init(log directory: String, mapBytes: UInt64) {
        path = Self.path(directory)
        self.mapBytes = mapBytes
    }

    static func path(_ directory: String) -> String { directory + "/writer.stat" }

    func note(commit: Int64, sync: Int64) {
        state.withLock { state in
            state.commits.note(commit)
            state.syncs.note(sync)
        }
    }

    func limits(_ queue: AppendQueue) -> WriterLimits {
        let waiting = queue.waiting
        let (commits, syncs) = state.withLock { ($0.commits.summary, $0.syncs.summary) }
        return WriterLimits(
            process: getpid(), at: Instant(microseconds: TimeSource.system.wall()),
            waitingUnits: waiting.units,
            waitingBytes: waiting.bytes, maxWaitingBytes: queue.maxBytes, mapBytes: mapBytes,
            commits: commits, syncs: syncs)
    }

    /// Body of a thread of its own: the writer never waits for this file.
    func run(_ queue: AppendQueue) {
        // The map's size may be another than the last writer's.
        tell(queue)
        while true {
            let isStopping =
                state.wait(timeoutMicroseconds: Self.intervalMicroseconds) { $0.stopping ? true : nil }
                ?? false
            tell(queue)
            if isStopping { return }
        }
    }

    func stop() {
        state.withLock { $0.stopping = true }
        state.broadcast()
    }

    /// A failure only means that the file is not there, or old: nothing depends on it.
    private func tell(_ queue: AppendQueue) {
        let limits = limits(queue)
        let isNews = state.withLock { state in
            defer { state.told = limits.commits.count }
            return state.told != limits.commits.count
        }
        if isNews { try? limits.text.write(toFile: path, atomically: true, encoding: .utf8) }
    }

    /// What the last writer of a log said: nil where none did.
    static func told(log directory: String) -> WriterLimits? {
        (try? String(contentsOfFile: path(directory), encoding: .utf8)).flatMap(WriterLimits.init(text:))
    }
}
