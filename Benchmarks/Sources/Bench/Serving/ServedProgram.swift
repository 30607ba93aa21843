import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A program that listens: `daybook serve`, or what it is measured against. It says its addresses on standard output, and goes with its
/// owner.
final class ServedProgram {
    private let process = Process()
    private let output = Pipe()
    private var said = ""

    init(_ executable: String, _ arguments: [String], store: String? = nil) throws {
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["DAYBOOK_STORE"] = store
        environment["DAYBOOK_LOGLEVEL"] = "error"
        environment["DAYBOOK_LOG_LEVEL"] = "error"
        process.environment = environment
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    deinit { stop() }

    /// The port that follows the words, once the program says them.
    func port(after words: String) throws -> Int {
        let descriptor = output.fileHandleForReading.fileDescriptor
        while true {
            for line in said.split(separator: "\n") where line.contains(words) {
                if let port = line.split(separator: ":").last.flatMap({ Int($0.prefix { $0.isNumber }) }) {
                    return port
                }
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 30_000) > 0 else {
                throw Peer.Failure(description: "it says no port: \(said)")
            }
            var chunk = [UInt8](repeating: 0, count: 4096)
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { throw Peer.Failure(description: "it ended before it listened: \(said)") }
            said += String(decoding: chunk[..<count], as: UTF8.self)
        }
    }

    /// Seconds of processor time that it has used, in itself and for it in the kernel.
    func processorSeconds() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
        // The name, in parentheses, may hold anything.
        let fields = text[(text.lastIndex(of: ")") ?? text.startIndex)...].split(separator: " ")
        guard fields.count > 13, let user = Double(fields[12]), let system = Double(fields[13]) else {
            throw Peer.Failure(description: "no times of the process")
        }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Bytes of memory of its own: without the pages of mapped files.
    func anonymousBytes() throws -> Double {
        let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("RssAnon:") }),
            let kilobytes = line.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
        else { throw Peer.Failure(description: "no memory of the process") }
        return kilobytes * 1024
    }

    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        let deadline = Date().addingTimeInterval(25)
        while process.isRunning, Date() < deadline { usleep(10_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}

/// The programs that `tools/bench` builds where one of these benchmarks is asked for.
enum ServingPrograms {
    static func daybook() throws(PeerPrograms.Missing) -> String {
        try path("BENCH_DAYBOOK", "the release daybook")
    }
    static func echo() throws(PeerPrograms.Missing) -> String {
        try path("BENCH_ECHO", "the release mllp-echo")
    }

    private static func path(_ name: String, _ what: String) throws(PeerPrograms.Missing) -> String {
        guard let path = ProcessInfo.processInfo.environment[name],
            FileManager.default.isExecutableFile(atPath: path)
        else { throw PeerPrograms.Missing(what: what) }
        return path
    }

    /// What a command prints.
    static func output(_ executable: String, _ arguments: [String], store: String? = nil) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        var environment = ProcessInfo.processInfo.environment
        environment["DAYBOOK_STORE"] = store
        process.environment = environment
        let out = Pipe()
        process.standardOutput = out
        try process.run()
        let said = out.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Peer.Failure(
                description: "\(executable) \(arguments.joined(separator: " ")): \(process.terminationStatus)"
            )
        }
        return String(decoding: said, as: UTF8.self)
    }
}
