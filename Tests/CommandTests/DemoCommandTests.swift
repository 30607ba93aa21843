import Foundation
import Testing

/// `daybook demo`, as somebody trying Daybook runs it.
@Suite struct DemoCommandTests {
    private struct Told {
        var run: Command
        var store: String
        var misuse: [String: Any]
    }

    private static func demo(_ scratch: Scratch, _ name: String) throws -> Told {
        let store = scratch.path(name)
        let run = try Command.run(["demo", "--store", store, "--patients", "12", "--no-serve"])
        #expect(run.status == 0, "\(run.err)\(run.out.suffix(2000))")
        let plan = try Data(contentsOf: URL(filePath: store + ".misuse.json"))
        let misuse = try #require(try JSONSerialization.jsonObject(with: plan) as? [String: Any])
        return Told(run: run, store: store, misuse: misuse)
    }

    /// What differs between two stores of one seed: their folders, and whatever hangs on keys and salts.
    private static func comparable(_ told: Told) -> String {
        told.run.out.replacing(told.store, with: "STORE").replacing(/\b[0-9a-f]{12,}…?/, with: "…")
    }

    @Test func itTellsItsStoryTwiceAlikeAndLeavesTheStore() throws {
        let scratch = try Scratch()
        let first = try Self.demo(scratch, "one")
        let second = try Self.demo(scratch, "two")
        #expect(Self.comparable(first) == Self.comparable(second))
        #expect(NSDictionary(dictionary: first.misuse) == NSDictionary(dictionary: second.misuse))
        let digests = [first, second].map { told in
            told.run.out.split(separator: "\n").first { $0.hasPrefix("The same number and seed") }
        }
        #expect(digests[0] != nil && digests[0] == digests[1])

        try Self.tellAgain(first, in: scratch)
        let again = try Command.run(["demo", "--store", first.store, "--patients", "12", "--no-serve"])
        #expect(again.status == 2 && again.err.contains("is not empty"), "\(again.err)")
    }

    /// Every command of the story can be typed as it stands, on a copy of the store, and says the same but for the receipt it leaves;
    /// and what it says to try next works.
    private static func tellAgain(_ told: Told, in scratch: Scratch) throws {
        let copy = scratch.path("copy")
        for end in ["", ".key"] {
            try FileManager.default.copyItem(atPath: told.store + end, toPath: copy + end)
        }
        let head =
            "export PATH='\(Command.executable.deletingLastPathComponent().path)':\"$PATH\" DAYBOOK_STORE='\(copy)'\n"
        let parts = told.run.out.split(separator: "\n# The store stays.", maxSplits: 1)
        try #require(parts.count == 2)
        // After each command what it said, up to the next heading.
        let commands = parts[0].matches(
            of: /\n\$ (?<typed>daybook [^\n]*)\n(?<said>(?:(?!# |\$ )[^\n]*(?:\n|$))*)/)
        #expect(commands.count >= 8)
        for one in commands {
            let answer = try shell(head + one.typed)
            #expect(said(answer) == said(String(one.said)), "\(one.typed)")
            #expect(!said(answer).isEmpty)
        }
        // What is typed there ends where what it does is told.
        let lines = parts[1].split(separator: "\n").filter { $0.hasPrefix("daybook ") }
        #expect(lines.count >= 5)
        for line in lines {
            var typed = String(line.prefix(upTo: line.firstRange(of: "     ")?.lowerBound ?? line.endIndex))
            typed.replace(" FILE", with: " samples/hospital")
            let answer = try shell(head + typed + " && echo worked")
            #expect(answer.hasSuffix("worked\n") && answer.count > "worked\n".count, "\(typed)\n\(answer)")
        }
        let plan = parts[1].split(separator: "\n").first { $0.hasPrefix("less ") }
        let name = plan?.split(separator: " ")[1].description ?? ""
        #expect(FileManager.default.fileExists(atPath: name), "\(name)")
    }

    /// What a command says, but for what each time has its own: the receipt it leaves, and how much a log holds by then.
    private static func said(_ out: String) -> String {
        if out.hasPrefix("Sound: ") { return "Sound" }
        return out.replacing(/Receipt #\d+, body [0-9a-f]+…?/, with: "Receipt").trimmingCharacters(
            in: .newlines)
    }

    @Test func thePlanOfTheMisuseNamesReceiptsThatAreThere() throws {
        let scratch = try Scratch()
        let told = try Self.demo(scratch, "store")
        let planted = try #require(told.misuse["misuse"] as? [[String: Any]])
        #expect(planted.count > 10)
        let listed = try Command.run(["access", "list", "--format", "json"], store: told.store).json()
        let items = try #require(listed["items"] as? [[String: Any]])
        let byPosition = Dictionary(grouping: items) { $0["position"] as? Int ?? 0 }
        for one in planted {
            let access = try #require(byPosition[one["receipt"] as? Int ?? -1]?.first, "\(one)")
            #expect(access["user"] as? String == one["user"] as? String)
            #expect(access["outcome"] as? String == one["outcome"] as? String)
            #expect(access["kind"] as? String == "actual")
        }
        // Nothing in the store tells them from the rest.
        #expect(!listed.description.contains("misuse"))
    }

    /// What it prints last can be pasted into a shell as it stands, and is answered as its words say.
    @Test func itServesTheRegionAndPrintsRequestsThatWork() throws {
        let scratch = try Scratch()
        let process = Process()
        let out = Pipe()
        process.executableURL = Command.executable
        process.arguments = [
            "demo", "--store", scratch.path("store"), "--patients", "12", "--quiet", "--serve-for", "90",
        ]
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        try process.run()
        defer { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }
        var said = ""
        while !said.contains("/metrics'\n") {
            let more = out.fileHandleForReading.availableData
            try #require(!more.isEmpty, "it ended: \(said)")
            said += String(decoding: more, as: UTF8.self)
        }
        let lines = said.split(separator: "\n").map(String.init)
        #expect(lines.contains { $0.hasPrefix("# Served at http://127.0.0.1:") })
        let logIns = lines.filter { $0.hasPrefix("export ") }
        #expect(logIns.count == 6)
        let expected = [
            ["HTTP/1.1 200", "Daybook-Receipt: ", #""code":"85354-9""#],
            ["HTTP/1.1 404", "Daybook-Receipt: ", "NO_RECORD_FOUND"],
            ["HTTP/1.1 200", "Daybook-Receipt: ", #""resourceType":"Condition""#],
            ["HTTP/1.1 403", "Daybook-Receipt: ", "ACCESS_DENIED"],
            ["HTTP/1.1 200", "Daybook-Receipt: ", #""question":"view""#, #""next":"#],
            ["HTTP/1.1 200", "Daybook-Receipt: ", #""decision":{"outcome":"withhold""#],
            [#""resourceType":"CapabilityStatement""#],
            ["daybook_log_position "],
        ]
        let requests = lines.filter { $0.hasPrefix("curl ") }
        #expect(requests.count == expected.count)
        for (request, words) in zip(requests, expected) {
            let answer = try Self.shell((logIns + [request]).joined(separator: "\n"))
            for word in words { #expect(answer.contains(word), "\(word) in \(answer.prefix(800))") }
        }
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 0)
    }

    /// What the lines print, as if they were pasted.
    private static func shell(_ lines: String) throws -> String {
        let shell = Process()
        let answer = Pipe()
        shell.executableURL = URL(filePath: "/bin/sh")
        shell.arguments = ["-c", lines]
        shell.standardOutput = answer
        try shell.run()
        defer { shell.waitUntilExit() }
        return String(decoding: answer.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    @Test func itStopsServingByItself() throws {
        let scratch = try Scratch()
        let run = try Command.run([
            "demo", "--store", scratch.path("store"), "--patients", "1", "--quiet", "--serve-for", "1",
        ])
        #expect(run.status == 0 && run.out.contains("for 1 second."), "\(run.out)\(run.err)")
        let elsewhere = try Command.run(["demo", "--store", scratch.path("other"), "--http", "0.0.0.0:0"])
        #expect(elsewhere.status == 2 && elsewhere.err.contains("this machine"), "\(elsewhere.err)")
    }

    @Test func aNumberOfPatientsThatCannotBeIsUsage() throws {
        for patients in ["0", "-3", "4000001", "many"] {
            let run = try Command.run(["demo", "--patients=\(patients)", "--store", "/nowhere"])
            #expect(run.status == 2, "\(patients): \(run.out)\(run.err)")
        }
    }
}
