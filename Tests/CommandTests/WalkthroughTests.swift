import Foundation
import Testing

/// README's walk-through is what the command prints.
@Suite struct WalkthroughTests {
    @Test func theReadmeShowsWhatToolsRunPrints() throws {
        let process = Process()
        let output = Pipe()
        process.executableURL = Command.root.appending(path: "tools/readme")
        process.arguments = ["--check"]
        var environment = ProcessInfo.processInfo.environment
        environment["DAYBOOK_BIN"] = Command.executable.path
        process.environment = environment
        process.standardError = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
    }
}
