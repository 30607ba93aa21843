import Foundation
import Testing

/// The server, as a person runs it: in a process of its own, with commands beside it.
@Suite struct ServeTests {
    /// A running `daybook serve`, ended with its owner.
    final class Server {
        let process = Process()
        let address: String
        let log: String

        init(_ store: DemoStore, _ arguments: String...) throws {
            log = store.scratch.path("serve.err")
            _ = FileManager.default.createFile(atPath: log, contents: nil)
            process.executableURL = Command.executable
            process.arguments = ["serve", "--http", "127.0.0.1:0"] + arguments
            var environment = ProcessInfo.processInfo.environment
            environment["DAYBOOK_STORE"] = store.path
            process.environment = environment
            let out = Pipe()
            process.standardOutput = out
            process.standardError = FileHandle(forWritingAtPath: log)
            try process.run()
            // One line once it listens; nothing if it ends before.
            var said = Data()
            while !said.contains(UInt8(ascii: "\n")) {
                let more = out.fileHandleForReading.availableData
                if more.isEmpty { break }
                said += more
            }
            let line = String(decoding: said, as: UTF8.self)
            let found = try #require(line.firstMatch(of: /http:\/\/[0-9.]+:\d+/), "\(line)")
            address = String(found.0)
        }

        deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

        func stop() -> Int32 {
            kill(process.processIdentifier, SIGTERM)
            process.waitUntilExit()
            return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
        }

        /// Status and body.
        func get(_ path: String) async throws -> (status: Int, body: String) {
            let task = Process()
            let out = Pipe()
            task.executableURL = URL(filePath: "/usr/bin/env")
            task.arguments = ["python3", "-c", Self.client, address + path]
            task.standardOutput = out
            try task.run()
            let text = String(decoding: out.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            task.waitUntilExit()
            let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            return (Int(parts[0]) ?? 0, parts.count > 1 ? String(parts[1]) : "")
        }

        private static let client = """
            import sys, urllib.request, urllib.error
            try:
                answer = urllib.request.urlopen(sys.argv[1], timeout=20)
                status, body = answer.status, answer.read()
            except urllib.error.HTTPError as error:
                status, body = error.code, error.read()
            print(status)
            sys.stdout.write(body.decode())
            """
    }

    @Test func everyCommandWorksWhileTheServerRuns() async throws {
        let store = try DemoStore(filled: false)
        let server = try Server(store)
        let ready = try await server.get("/health/ready")
        #expect(ready.status == 200 && ready.body == #"{"status":"ready","problems":[],"notes":[]}"#)
        // Relative paths are the client's, standard input too.
        try store.expect(0, "region", "apply", "samples/region.yaml", "--now", "2018-01-08T09:00:00Z")
        try store.expect(0, "policy", "record", "samples/sharing.yaml", "--now", "2018-01-29T16:00:00Z")
        try store.expect(
            0, "ingest", "--source", "ZZG01", "samples/practice", "--now", "2018-02-01T08:00:00Z")
        let message = try String(
            contentsOf: Command.root.appending(path: "samples/correction/corrected-potassium.json"),
            encoding: .utf8)
        try store.expect(
            0, "ingest", "--source", "ZZH01", "-", "--now", "2018-02-05T16:45:00Z", input: message)
        let view = try store.expect(
            0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--format", "json")
        #expect(try view.json()["receipt"] != nil)
        // Statuses and complaints come back as they are.
        let refused = try store.expect(3, "view", "--as", "dr-sedge", "--patient", DemoStore.patient)
        #expect(refused.out.contains("REFUSED"))
        let wrong = try store.expect(2, "view", "--as", "dr-rowan", "--patient", "123")
        #expect(wrong.err.contains("--patient"))
        let past = try store.expect(2, "access", "list", "--now", "2017-01-01T00:00:00Z")
        #expect(past.err.contains("before the newest record"))
        let stat = try store.expect(0, "log", "stat", "--format", "json")
        let metrics = try await server.get("/metrics")
        let head = try #require(try stat.json()["records"] as? Int)
        #expect(metrics.body.contains("daybook_log_position \(head)\n"), "\(metrics.body)")
        #expect(server.stop() == 0)
        #expect(!FileManager.default.fileExists(atPath: store.path + "/control.sock"))
        // And it is sound without it.
        try store.expect(0, "log", "verify")
    }

    /// What reads the log alone while there is a checkpoint, and is run by the server while there is none.
    @Test func evidenceIsHandedOutBeforeThereIsACheckpoint() throws {
        let store = try DemoStore(filled: false)
        let server = try Server(store)
        let key = try store.expect(0, "log", "key")
        let proof = store.scratch.path("1.proof")
        try store.expect(0, "log", "proof", "#1", "--output", proof)
        // Now there is one, and both come from this process.
        #expect(try store.expect(0, "log", "key").out == key.out)
        try store.expect(0, "log", "proof", "#1", "--output", "-")
        #expect(FileManager.default.fileExists(atPath: proof))
        #expect(server.stop() == 0)
        #expect(try store.expect(0, "log", "key").out == key.out)
    }

    @Test func commandsOfManyAtOnceAllLand() async throws {
        let store = try DemoStore()
        let server = try Server(store)
        let statuses = await withTaskGroup(of: Int32.self) { group in
            for _ in 0..<12 {
                group.addTask {
                    await withCheckedContinuation { done in
                        Thread.detachNewThread {
                            let view = try? store.run(
                                "view", "--as", "dr-rowan", "--patient", DemoStore.patient)
                            done.resume(returning: view?.status ?? -1)
                        }
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses == Array(repeating: 0, count: 12))
        let list = try store.expect(0, "access", "list", "--format", "json", "--user", "dr-rowan")
        #expect((try list.json()["items"] as? [Any])?.count == 12, "\(list.out)")
        #expect(server.stop() == 0)
    }

    @Test func whatIsNotThereIsSaidInJSON() async throws {
        let store = try DemoStore(filled: false)
        let server = try Server(store)
        let missing = try await server.get("/nope")
        #expect(missing.status == 404 && missing.body.contains(#""status":404"#), "\(missing)")
        let long = try await server.get("/" + String(repeating: "a", count: 9000))
        #expect(long.status == 414, "\(long)")
        let document = try await server.get("/openapi.json")
        let parsed = try #require(
            try JSONSerialization.jsonObject(with: Data(document.body.utf8)) as? [String: Any])
        let paths = try #require(parsed["paths"] as? [String: [String: [String: Any]]])
        for (path, methods) in paths {
            guard let get = methods["get"] else { continue }
            // Behind a token nothing is told without one.
            let expected = get["security"] == nil ? 200 : 401
            #expect(try await server.get(path).status == expected, "\(path)")
        }
        #expect(server.stop() == 0)
        // The log names routes, never what was asked for.
        let log = try String(contentsOfFile: server.log, encoding: .utf8)
        #expect(!log.contains("/nope") && !log.contains("aaaa"))
    }

    @Test func aSecondServerIsTold() throws {
        let store = try DemoStore(filled: false)
        let server = try Server(store)
        let second = try store.run("serve", "--http", "127.0.0.1:0")
        #expect(second.status == 4 && second.err.contains("in use"), "\(second.err)")
        #expect(server.stop() == 0)
    }

    @Test func settingsAreReadInTheirOrderAndTold() throws {
        let store = try DemoStore(filled: false)
        let file = try store.scratch.write("daybook.yaml", "http:\n  port: 9001\ndrainSeconds: 5\n")
        let told = try store.expect(0, "serve", "--config", file, "--print-config")
        #expect(told.out.contains("http.port: 9001\n") && told.out.contains("drainSeconds: 5\n"))
        let flag = try store.expect(
            0, "serve", "--config", file, "--http", "127.0.0.1:9002", "--print-config")
        #expect(flag.out.contains("http.port: 9002\n"))
        let wrong = try store.scratch.write("wrong.yaml", "http:\n  port: 70000\n")
        #expect(try store.expect(2, "serve", "--config", wrong).err.contains("http.port"))
    }
}
