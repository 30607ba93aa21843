import Foundation
import Testing

/// A short flood of both doors, by the command that makes the long one.
@Suite struct OverloadTests {
    @Test func aFloodIsPushedBackAndLeavesTheServerAsItWas() throws {
        let flood = Process()
        let out = Pipe()
        flood.executableURL = Command.root.appending(path: "tools/overload")
        flood.arguments = ["2"]
        var environment = ProcessInfo.processInfo.environment
        environment["DAYBOOK_BIN"] = Command.executable.path
        flood.environment = environment
        flood.standardOutput = out
        flood.standardError = out
        try flood.run()
        let said = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        flood.waitUntilExit()
        #expect(flood.terminationStatus == 0, "\(said)")
        #expect(said.contains("pushed back with 503 and Retry-After, 0 otherwise"), "\(said)")
        #expect(said.contains("own memory:") && said.contains("log verify: sound"), "\(said)")
    }
}
