import Foundation
import Testing

/// Making a store where there is no room for one.
@Suite struct InitTests {
    /// - Parameter kilobytes: no file grows past that.
    @Test(arguments: [4, 16, 32, 64]) func aStoreThatCannotBeMadeLeavesNothing(kilobytes: Int) throws {
        let scratch = try Scratch()
        let store = scratch.path("region/store")
        func make(_ limit: String) throws -> (status: Int32, said: String) {
            let process = Process()
            process.executableURL = URL(filePath: "/bin/bash")
            process.arguments = [
                "-c", "trap '' XFSZ; ulimit -f \(limit); exec \"$0\" init --store \"$1\"",
                Command.executable.path, store,
            ]
            let output = Pipe()
            (process.standardOutput, process.standardError) = (output, output)
            try process.run()
            let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            return (process.terminationReason == .exit ? process.terminationStatus : -1, said)
        }
        let refused = try make("\(kilobytes)")
        #expect(refused.status == 4 && refused.said.contains("errno"), "\(refused)")
        let left = try FileManager.default.subpathsOfDirectory(atPath: scratch.folder.path).sorted()
        #expect(left == ["region"], "\(left)")
        // Then there is room, and the same command does it.
        let made = try make("unlimited")
        #expect(made.status == 0, "\(made)")
        // A second one touches neither the store nor its key.
        let key = FileManager.default.contents(atPath: store + ".key")
        #expect(try make("unlimited").status == 2)
        #expect(FileManager.default.contents(atPath: store + ".key") == key)
        #expect(try Command.run(["log", "verify"], store: store).status == 0)
    }
}
