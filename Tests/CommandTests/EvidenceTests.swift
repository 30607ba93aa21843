import Foundation
import Testing

/// Evidence as it leaves the store, checked by the second implementation, `tools/verify_evidence.py`, and refused by it
/// wherever a character of it is another.
@Suite struct EvidenceTests {
    static let verifier = Command.root.appending(path: "tools/verify_evidence.py").path

    struct Result {
        var status: Int32
        var out: String
    }

    static func python(_ arguments: [String]) throws -> Result {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", "-B", verifier] + arguments
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return Result(status: process.terminationStatus, out: said)
    }

    @Test func aReceiptIsEvidenceOutsideTheStore() throws {
        let store = try DemoStore()
        let (view, position) = try store.viewed()
        let key = try store.expect(0, "log", "key").out.trimmingCharacters(in: .newlines)
        let file = store.scratch.path("receipt.tlog-proof")
        let now = ["--now", "2018-02-06T09:00:00Z"]
        try store.expect(0, "access", "show", "#\(position)", "--evidence", file, "--detail", now[0], now[1])
        let body = store.scratch.path("answer.json")
        try Data(view.out.utf8).write(to: URL(filePath: body))
        let good = try Self.python(["proof", file, "--key", key, "--body", body])
        #expect(good.status == 0 && good.out.contains("HOLDS"), "\(good.out)")
        #expect(good.out.contains("dr-rowan") && good.out.contains("#\(position), a receipt"))
        // Another answer, another key, and any other text.
        try Data(view.out.replacing("\"outcome\":\"permit\"", with: "\"outcome\":\"Permit\"").utf8).write(
            to: URL(filePath: body))
        #expect(try Self.python(["proof", file, "--key", key, "--body", body]).status == 1)
        let other = try DemoStore(filled: false).expect(0, "log", "key").out
        #expect(try Self.python(["proof", file, "--key", other]).status == 1)
        try refusesEveryOtherText(of: file) { ["proof", $0, "--key", key] }
        // Without the detail, nothing in it tells about the patient.
        try store.expect(
            0, "access", "show", "#\(position)", "--evidence", file, now[0], "2018-02-07T09:00:00Z")
        let bare = try Self.python(["proof", file, "--key", key])
        #expect(bare.status == 0 && !bare.out.contains(DemoStore.patient), "\(bare.out)")
    }

    @Test func anExportARangeAndTwoCheckpointsAreChecked() throws {
        let store = try DemoStore()
        let key = store.scratch.path("log.key")
        try Data(try store.expect(0, "log", "key").out.utf8).write(to: URL(filePath: key))
        let (old, update) = (store.scratch.path("old"), store.scratch.path("update"))
        try store.expect(0, "log", "checkpoint", "--output", old)
        try store.expect(
            0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--now", "2018-02-05T14:30:00Z")
        let size = try #require(
            try store.expect(0, "log", "stat", "--format", "json").json()["records"] as? Int)
        try store.expect(0, "log", "checkpoint", "--since", "\(size - 1)", "--output", update)
        let good = try Self.python(["consistency", old, update, "--key", key])
        #expect(good.status == 0, "\(good.out)")
        try refusesEveryOtherText(of: update) { ["consistency", old, $0, "--key", key] }
        try refusesEveryOtherText(of: old) { ["consistency", $0, update, "--key", key] }
        let folder = store.scratch.path("export")
        let told = try store.expect(0, "log", "export", folder, "--format", "json").json()["files"] as? Int
        let written = FileManager.default.enumerator(
            at: URL(filePath: folder), includingPropertiesForKeys: nil)
        #expect(told == written?.compactMap { $0 as? URL }.count { !$0.hasDirectoryPath })
        #expect(
            try store.expect(0, "log", "export", folder, "--format", "json").json()["files"] as? Int == 0)
        let exported = try Self.python(["export", folder, "--key", key, "--old", old])
        #expect(exported.status == 0 && exported.out.contains("#1 to #\(size)"), "\(exported.out)")
        for name in ["tile/0/000.p/\(size)", "tile/entries/000.p/\(size)", "checkpoint"] {
            let path = URL(filePath: folder + "/" + name)
            let bytes = try Data(contentsOf: path)
            for offset in stride(from: 0, to: bytes.count, by: max(1, bytes.count / 7)) {
                var wrong = bytes
                wrong[offset] ^= 1
                try wrong.write(to: path)
                #expect(
                    try Self.python(["export", folder, "--key", key]).status != 0, "\(name), byte \(offset)")
            }
            try bytes.write(to: path)
        }
        try rangesAreChecked(store, old: old, key: key, size: size)
        let proof = store.scratch.path("p")
        try store.expect(0, "log", "proof", "#7", "--output", proof)
        #expect(try Self.python(["proof", proof, "--key", key]).status == 0)
    }

    /// A range is part of the whole; of an older log it may say nothing, which is not that anything is wrong.
    private func rangesAreChecked(_ store: DemoStore, old: String, key: String, size: Int) throws {
        // Past the first whole tile of 256, so that a range can be without it.
        let lines = (0..<300).map { #"{"resourceType":"Patient","id":"R\#($0)"}"# + "\n" }.joined()
        let file = store.scratch.path("many.ndjson")
        try Data(lines.utf8).write(to: URL(filePath: file))
        try store.expect(0, "ingest", "--source", "ZZG01", file, "--now", "2018-02-05T15:00:00Z")
        try store.expect(0, "log", "checkpoint")
        let folder = store.scratch.path("range")
        try store.expect(0, "log", "export", folder, "--from", "#260", "--to", "#270")
        let range = try Self.python(["export", folder, "--key", key])
        #expect(range.status == 0 && range.out.contains("#257 to #"), "\(range.out)")
        let unsure = try Self.python(["export", folder, "--key", key, "--old", old])
        #expect(unsure.status == 2 && unsure.out.contains("consistency"), "\(unsure.out)")
        try store.expect(0, "log", "export", folder)
        let whole = try Self.python(["export", folder, "--key", key, "--old", old])
        #expect(whole.status == 0 && whole.out.contains("begins with that"), "\(whole.out)")
    }

    /// One character in each line changed.
    private func refusesEveryOtherText(of file: String, _ arguments: (String) -> [String]) throws {
        let text = Array(try String(contentsOfFile: file, encoding: .utf8))
        let wrong = file + ".wrong"
        var start = 0
        for (end, character) in text.enumerated() where character == "\n" {
            defer { start = end + 1 }
            if end == start { continue }
            let place = start + (end - start) * 2 / 3
            var changed = text
            changed[place] = text[place] == "A" ? "B" : "A"
            try String(changed).write(toFile: wrong, atomically: true, encoding: .utf8)
            let result = try Self.python(arguments(wrong))
            #expect(result.status != 0, "character \(place): \(result.out)")
        }
    }

    @Test(.enabled(if: ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"] != nil))
    func theVerifierAnswersEveryVector() throws {
        let corpora = try #require(ProcessInfo.processInfo.environment["DAYBOOK_CORPORA"])
        let result = try Self.python(["vectors", corpora + "/merkle"])
        #expect(result.status == 0, "\(result.out)")
    }
}
