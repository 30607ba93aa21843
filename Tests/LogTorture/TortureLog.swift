import EventLog
import Foundation
import LogModel
import Wire

/// The log as the torture opens it: small maps and index batches, so that their bounds are crossed.
enum TortureLog {
    static func options() -> LogOptions {
        var options = LogOptions()
        options.mapBytes = number("TORTURE_MAP") ?? 1 << 32
        options.indexMapBytes = 1 << 30
        options.segmentRecords = UInt64(number("TORTURE_SEGMENT") ?? 256)
        options.indexRetryMicroseconds = number("TORTURE_RETRY") ?? 1_000_000
        options.zeroAheadBytes = number("TORTURE_ZEROS") ?? 0
        return options
    }

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }

    /// Opens a log, and gives it its first record where it has none.
    static func open(_ store: String) throws -> EventLog {
        let log = try EventLog(LogPaths(store: store), options: options())
        if try log.head.position == .start {
            _ = try log.appendAndWait([try Draft.creation(simulated: false)])
        }
        return log
    }

    /// From here on the preloaded shim counts, where there is one.
    static func arm() {
        typealias Arm = @convention(c) () -> Void
        guard let symbol = dlsym(nil, "daybook_fault_arm") else { return }
        unsafeBitCast(symbol, to: Arm.self)()
    }
}
