import Foundation
import Testing

/// The built `daybook`, run as a shell would run it.
struct Command {
    let status: Int32
    let out: String
    let err: String

    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Beside the test bundle: SwiftPM puts every product into one folder.
    static let executable: URL = {
        let bundle = URL(filePath: CommandLine.arguments[0])
        var folder = bundle.deletingLastPathComponent()
        while folder.path.count > 1 {
            let candidate = folder.appending(path: "daybook")
            if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
            folder.deleteLastPathComponent()
        }
        fatalError("no built daybook beside \(bundle.path)")
    }()

    /// Runs it to its end, in the project's folder, with nothing on standard input unless said.
    static func run(_ arguments: [String], store: String? = nil, input: String = "") throws -> Command {
        try Running(arguments, store: store, input: input).end()
    }

    /// One that runs.
    final class Running {
        private let process = Process()
        private let scratch: Scratch
        private let files: (input: String, out: String, err: String)

        init(_ arguments: [String], store: String? = nil, input: String = "") throws {
            scratch = try Scratch()
            files = (input: scratch.path("in"), out: scratch.path("out"), err: scratch.path("err"))
            // Files, not pipes: an answer longer than a pipe holds would wait for a reader.
            for (path, content) in [(files.input, input), (files.out, ""), (files.err, "")] {
                guard FileManager.default.createFile(atPath: path, contents: Data(content.utf8)) else {
                    throw CocoaError(.fileWriteUnknown)
                }
            }
            process.executableURL = executable
            process.arguments = arguments
            process.currentDirectoryURL = root
            var environment = ProcessInfo.processInfo.environment
            environment["DAYBOOK_STORE"] = store
            process.environment = environment
            process.standardInput = FileHandle(forReadingAtPath: files.input)
            process.standardOutput = FileHandle(forWritingAtPath: files.out)
            process.standardError = FileHandle(forWritingAtPath: files.err)
            try process.run()
        }

        var isRunning: Bool { process.isRunning }

        /// Nothing where it is over.
        func signal(_ number: Int32) {
            if process.isRunning { kill(process.processIdentifier, number) }
        }

        func end() throws -> Command {
            process.waitUntilExit()
            return Command(
                status: process.terminationReason == .exit
                    ? process.terminationStatus : -process.terminationStatus,
                out: try text(files.out), err: try text(files.err))
        }
    }

    /// Starts it, and ends it by a signal once something is so.
    ///
    /// - Returns: false where it was over before.
    static func isCut(
        _ arguments: [String], store: String, by signal: Int32, once isDue: () -> Bool
    ) throws -> Bool {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        process.currentDirectoryURL = root
        process.environment = ProcessInfo.processInfo.environment.merging(["DAYBOOK_STORE": store]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        while process.isRunning, !isDue() { usleep(200) }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    /// The answer as JSON.
    func json() throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data(out.utf8)) as? [String: Any], "\(out)\(err)")
    }
}

/// A temporary folder that goes when its owner does.
final class Scratch: Sendable {
    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "daybook-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Writes a file, and its folders.
    func write(_ name: String, _ content: String) throws -> String {
        let file = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: file)
        return file.path
    }
}
