import Foundation
import Testing

@Suite struct BackupCommandTests {
    private static let erase = [
        "erase", "--authority", "court order 7", "--approved-by", "privacy-1", "--approved-by", "guardian-1",
    ]

    /// The drill of OPERATIONS.md, line by line.
    @Test func theDrillRunsAsItIsWritten() throws {
        let store = try DemoStore()
        let page = try String(
            contentsOf: Command.root.appending(path: "docs/OPERATIONS.md"), encoding: .utf8)
        let start = try #require(page.range(of: "<!-- drill -->"))
        let end = try #require(page.range(of: "<!-- end -->", range: start.upperBound..<page.endIndex))
        let lines = page[start.upperBound..<end.lowerBound].split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { $0.hasPrefix("$ daybook ") }
        #expect(lines.count >= 5)
        let names = [
            "$BACKUP": store.scratch.path("backup"), "$LEDGER": store.scratch.path("ledger"),
            "$NEW": store.scratch.path("drill"), "$KEY": store.path + ".key",
        ]
        for line in lines {
            let words = line.dropFirst("$ daybook ".count).split(separator: " ").map { word in
                names.reduce(String(word)) { $0.replacing($1.key, with: $1.value) }
            }
            let done = try Command.run(words, store: store.path)
            #expect(done.status == 0, "\(line)\n\(done.out)\(done.err)")
        }
        let roots = try [store.path, names["$NEW"]!].map {
            try Command.run(["log", "stat", "--format", "json", "--store", $0]).json()["root"] as? String
        }
        #expect(roots[0] != nil && roots[0] == roots[1])
    }

    /// A mistyped folder: nothing in it is touched, and nothing is left there.
    @Test func aBackupGoesIntoNoFolderOfSomethingElse() throws {
        let store = try DemoStore(filled: false)
        for inside in [store.path, store.path + "/log", store.path + "/./views/../backup"] {
            #expect(try store.expect(2, "backup", inside).err.contains("is in the store"))
        }
        let other = try store.scratch.write("other/log-2018-01-01", "kept")
        let folder = store.scratch.path("other")
        #expect(try store.expect(2, "backup", folder).err.contains("holds no backup"))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["log-2018-01-01"])
        #expect(try store.expect(2, "backup", other).err.contains("no folder"))
        #expect(
            try store.expect(2, "restore", folder, "--store", store.scratch.path("new")).err.contains(
                "no finished backup"))
        // One that was cut short before anything was whole is gone on with.
        let backup = store.scratch.path("backup")
        var wasCut = false
        for _ in 0..<20 where !wasCut {
            wasCut = try Command.isCut(["backup", backup], store: store.path, by: SIGKILL) {
                FileManager.default.fileExists(atPath: backup + "/lock")
            }
        }
        try store.expect(0, "backup", backup)
    }

    /// A byte of a backup that is not what was written: the file is named, and no store is left.
    @Test func aDamagedBackupNamesItsFile() throws {
        let store = try DemoStore()
        let (backup, new) = (store.scratch.path("backup"), store.scratch.path("new"))
        try store.expect(0, "backup", backup)
        for name in try FileManager.default.contentsOfDirectory(atPath: backup) where name != "lock" {
            let file = URL(filePath: backup + "/" + name)
            let whole = try Data(contentsOf: file)
            for changed in [
                whole.dropLast(3),
                whole.prefix(whole.count / 2) + [whole[whole.count / 2] ^ 4]
                    + whole.suffix(whole.count - whole.count / 2 - 1),
            ] {
                try Data(changed).write(to: file)
                #expect(try store.expect(4, "restore", backup, "--store", new).err.contains(name))
                #expect(!FileManager.default.fileExists(atPath: new))
                #expect(!FileManager.default.fileExists(atPath: new + ".restoring"))
            }
            try whole.write(to: file)
        }
        try store.expect(0, "restore", backup, "--store", new)
    }

    @Test func aRestoreOfAnOlderBackupStaysErasedGivenTheLedger() throws {
        let store = try DemoStore()
        let (backup, ledger) = (store.scratch.path("backup"), store.scratch.path("ledger"))
        #expect(try store.expect(0, "backup", backup).out.contains("Backed up to #"))
        let list = try Command.run(
            Self.erase + ["--patient", DemoStore.patient, "--all-linked", "--dry-run", "--format", "json"],
            store: store.path)
        let code = try #require(try list.json()["code"] as? String)
        let erased = try Command.run(
            Self.erase + [
                "--patient", DemoStore.patient, "--all-linked", "--confirm", code, "--now",
                "2018-03-01T09:00:00Z",
            ],
            store: store.path)
        #expect(erased.status == 0, "\(erased.out)\(erased.err)")
        try store.expect(0, "erasures", "export", ledger)
        func view(_ path: String) throws -> [String: Any] {
            let done = try Command.run(
                [
                    "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--format", "json",
                    "--master-key",
                    store.path + ".key",
                ], store: path)
            #expect(done.status == 0, "\(done.out)\(done.err)")
            return try done.json()
        }
        let (plain, kept) = (store.scratch.path("plain"), store.scratch.path("kept"))
        let without = try Command.run(["restore", backup, "--store", plain])
        #expect(without.status == 0 && without.out.contains("--ledger"), "\(without.out)\(without.err)")
        #expect(
            (try view(plain)["items"] as? [Any])?.isEmpty == false, "the backup is older than the erasure")
        let with = try Command.run(
            ["restore", backup, "--store", kept, "--ledger", ledger, "--master-key", store.path + ".key"])
        #expect(with.status == 0 && with.out.contains("destroyed"), "\(with.out)\(with.err)")
        let answer = try view(kept)
        #expect((answer["items"] as? [Any])?.isEmpty == true)
        let notice = try #require((answer["erased"] as? [[String: Any]])?.first)
        #expect(
            (notice["time"] as? String)?.hasPrefix("2018-03-01T09:00:00") == true
                && notice["authority"] as? String == "court order 7")
        let verified = try Command.run([
            "log", "verify", "--store", kept, "--master-key", store.path + ".key",
        ])
        #expect(verified.status == 0, "\(verified.out)\(verified.err)")
        // Another master key, or another store's ledger: nothing takes the store's place.
        let stranger = try DemoStore(filled: false)
        let refused = try Command.run(
            [
                "restore", backup, "--store", store.scratch.path("x"), "--ledger", ledger, "--master-key",
                stranger.path + ".key",
            ])
        #expect(refused.status == 4 && !FileManager.default.fileExists(atPath: store.scratch.path("x")))
        // A backup made again holds none of it, and is smaller by no record.
        try store.expect(0, "backup", backup)
        let last = store.scratch.path("last")
        #expect(try Command.run(["restore", backup, "--store", last]).status == 0)
        #expect((try view(last)["items"] as? [Any])?.isEmpty == true)
    }

    /// Backups killed at random moments while another process writes; the last one holds everything.
    @Test func killedBackupsAreGoneOnWithWhileTheStoreIsWritten() throws {
        let store = try DemoStore()
        let backup = store.scratch.path("backup")
        let lines = (0..<400).map { n in
            #"{"resourceType":"Observation","id":"o\#(n)","status":"final","subject":{"reference":"Patient/H7731"},"code":{"text":"pulse"},"valueQuantity":{"value":\#(60 + n % 40)}}"#
        }
        let file = try store.scratch.write("more.ndjson", lines.joined(separator: "\n") + "\n")
        let writing = try start(
            ["ingest", "--source", "ZZH01", file, "--now", "2018-02-06T08:00:00Z"], store.path)
        var random = SystemRandomNumberGenerator()
        var killed = 0
        for _ in 0..<12 {
            let run = try start(["backup", backup], store.path)
            usleep(UInt32.random(in: 5_000...120_000, using: &random))
            kill(run.processIdentifier, SIGKILL)
            run.waitUntilExit()
            if run.terminationReason == .uncaughtSignal { killed += 1 }
        }
        writing.waitUntilExit()
        #expect(writing.terminationStatus == 0 && killed > 0)
        let last = try store.expect(0, "backup", backup, "--format", "json").json()
        let stat = try store.expect(0, "log", "stat", "--format", "json").json()
        #expect(last["root"] as? String == stat["root"] as? String)
        let again = store.scratch.path("again")
        let restored = try Command.run(["restore", backup, "--store", again, "--format", "json"])
        #expect(restored.status == 0, "\(restored.out)\(restored.err)")
        #expect(try restored.json()["root"] as? String == stat["root"] as? String)
        let sound = try Command.run(["log", "verify", "--store", again, "--master-key", store.path + ".key"])
        #expect(sound.status == 0, "\(sound.out)\(sound.err)")
    }

    private func start(_ arguments: [String], _ store: String) throws -> Process {
        let process = Process()
        process.executableURL = Command.executable
        process.arguments = arguments
        process.currentDirectoryURL = Command.root
        var environment = ProcessInfo.processInfo.environment
        environment["DAYBOOK_STORE"] = store
        process.environment = environment
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}
