import Foundation
import Testing

/// `log verify` on a terminal, interrupted there, and gone on with.
@Suite struct VerifyResumeTests {
    /// A run that is killed while read models are compared has the keys and receipts behind it.
    @Test func aKilledRunIsGoneOnWithAndTellsHowFarItIs() throws {
        let store = try DemoStore()
        let notes = store.path + "/views/verifying"
        var shown = ""
        for _ in 0..<20 {
            let isKilled: Bool
            (shown, isKilled) = try verify(store.path, killedAt: "verifying the read model trail")
            if isKilled, FileManager.default.fileExists(atPath: notes + "/receipts.done") { break }
        }
        try #require(FileManager.default.fileExists(atPath: notes + "/receipts.done"), "\(shown)")
        for step in ["the log: ", "keys: ", "receipts: ", "the read model identity: "] {
            #expect(shown.contains("verifying \(step)"), "\(shown)")
        }
        #expect(shown.contains(" records ("), "how many of how many: \(shown)")
        let json = try store.expect(0, "log", "verify", "--resume", "--format", "json").json()
        let skipped = try #require(json["notChecked"] as? [String])
        for step in ["keys", "receipts", "identity", "policy"] {
            #expect(skipped.contains("\(step): an earlier run did"), "\(skipped)")
        }
        let compared = (json["readModels"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
        #expect(compared == ["trail", "record", "people"] && json["ok"] as? Bool == true)
        // It ended: the next one begins anew, whether told to go on or not.
        #expect(!FileManager.default.fileExists(atPath: notes))
        let whole = try store.expect(0, "log", "verify", "--resume", "--format", "json").json()
        #expect((whole["notChecked"] as? [Any])?.isEmpty == true)
    }

    /// Runs `log verify` with a terminal on standard error, and kills it when that shows the words.
    private func verify(_ store: String, killedAt words: String) throws -> (shown: String, isKilled: Bool) {
        var (master, slave): (Int32, Int32) = (-1, -1)
        try #require(openpty(&master, &slave, nil, nil, nil) == 0)
        defer { close(master) }
        let process = Process()
        process.executableURL = Command.executable
        process.arguments = ["log", "verify"]
        process.currentDirectoryURL = Command.root
        process.environment = ProcessInfo.processInfo.environment.merging(["DAYBOOK_STORE": store]) { $1 }
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle(fileDescriptor: slave, closeOnDealloc: false)
        try process.run()
        close(slave)
        var (shown, buffer) = ("", [UInt8](repeating: 0, count: 4096))
        while true {
            let count = read(master, &buffer, buffer.count)
            if count <= 0 { break }
            shown += String(decoding: buffer[..<count], as: UTF8.self)
            if shown.contains(words) {
                kill(process.processIdentifier, SIGKILL)
                break
            }
        }
        process.waitUntilExit()
        return (shown, process.terminationReason == .uncaughtSignal)
    }
}
