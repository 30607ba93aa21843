import EventLog
import Foundation
@_exported import LogModel
import Wire

/// A directory for one test's store, removed when the test lets go of it.
final class ScratchLog: Sendable {
    let directory: String
    var paths: LogPaths { LogPaths(store: directory) }

    init() {
        directory =
            FileManager.default.temporaryDirectory.appendingPathComponent("daybook-\(UUID().uuidString)").path
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Small maps (debug builds and sanitizers like them) and small index batches, so that they are crossed.
    static func options(segmentRecords: UInt64 = 64) -> LogOptions {
        var options = LogOptions()
        options.mapBytes = 1 << 30
        options.indexMapBytes = 1 << 28
        options.segmentRecords = segmentRecords
        options.zeroAheadBytes = 1 << 20
        return options
    }

    func open(_ mode: EventLog.Mode = .writer, options: LogOptions = ScratchLog.options()) throws -> EventLog
    {
        try EventLog(paths, mode: mode, options: options)
    }

    /// A log with its first record.
    func create(simulated: Bool = true, options: LogOptions = ScratchLog.options()) throws -> EventLog {
        let log = try open(options: options)
        _ = try log.appendAndWait([try Draft.creation(simulated: simulated)])
        return log
    }
}

extension EventLog {
    /// Appends, and waits where the log is busy: the indexes may be behind on a machine that is.
    @discardableResult
    func appendPatiently(_ unit: [Proposal]) throws(LogError) -> [AppendOutcome] {
        while true {
            do throws(LogError) { return try appendAndWait(unit) } catch {
                guard case .busy = error else { throw error }
                usleep(2000)
            }
        }
    }
}
