import Foundation
import Testing

/// `log-torture`, running: what it says is read line by line, and it is killed, or ends by itself.
struct TortureProcess {
    /// Whole lines said before it ended.
    var lines: [String]
    var wasKilled: Bool
    var status: Int32

    /// Built beside the tests.
    private static func built(_ name: String) -> URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent(name)
    }

    static func prepared(
        _ mode: String, store: String, _ numbers: [UInt64], environment: [String: String] = [:]
    ) -> (process: Process, output: Pipe) {
        let process = Process()
        process.executableURL = built("log-torture")
        process.arguments = [mode, store] + numbers.map(String.init)
        var variables = ProcessInfo.processInfo.environment
        variables.merge(environment) { $1 }
        if environment.keys.contains(where: { $0.hasPrefix("FAULT_") }) {
            variables["LD_PRELOAD"] = built("libFaultShim.so").path
        }
        process.environment = variables
        let output = Pipe()
        process.standardOutput = output
        return (process, output)
    }

    /// Runs it to its end.
    static func run(
        _ mode: String, store: String, _ numbers: [UInt64], environment: [String: String] = [:]
    ) throws -> TortureProcess {
        let (process, output) = prepared(mode, store: store, numbers, environment: environment)
        try process.run()
        return ended(process, output, Data())
    }

    /// Runs it until it has said so many lines and some microseconds more have passed, and kills it.
    static func killed(
        _ mode: String, store: String, _ numbers: [UInt64], afterLines: Int, microseconds: UInt32,
        environment: [String: String] = [:]
    ) throws -> TortureProcess {
        let (process, output) = prepared(mode, store: store, numbers, environment: environment)
        try process.run()
        var bytes = Data()
        while bytes.count(where: { $0 == UInt8(ascii: "\n") }) < afterLines {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            bytes += more
        }
        usleep(microseconds)
        kill(process.processIdentifier, SIGKILL)
        return ended(process, output, bytes)
    }

    /// What was said before a kill took hold counts too.
    private static func ended(_ process: Process, _ output: Pipe, _ before: Data) -> TortureProcess {
        let bytes = before + output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let whole = bytes[..<((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.startIndex - 1) + 1)]
        return TortureProcess(
            lines: String(decoding: whole, as: UTF8.self).split(separator: "\n").map(String.init),
            wasKilled: process.terminationReason == .uncaughtSignal, status: process.terminationStatus)
    }
}
