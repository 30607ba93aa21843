import Foundation
import Testing

/// The log as its operators see it.
@Suite struct LogCommandTests {
    @Test func verifyFindsNothingWrong() throws {
        let store = try DemoStore()
        let json = try store.expect(0, "log", "verify", "--format", "json").json()
        #expect(json["ok"] as? Bool == true)
        #expect((json["problems"] as? [Any])?.isEmpty == true)
        #expect(try store.expect(0, "log", "verify").out.hasPrefix("Sound: "))
    }

    /// One flipped byte of one record, and verify names its position.
    @Test func verifyNamesTheFirstBadPosition() throws {
        let store = try DemoStore()
        let position = 46
        try flip(position, store)
        let json = try store.expect(1, "log", "verify", "--format", "json").json()
        #expect(json["ok"] as? Bool == false)
        #expect(json["firstBad"] as? Int == position, "\(json)")
        #expect(try store.expect(1, "log", "verify").out.contains("#\(position)"))
        // Reading it is trouble, not an answer.
        try store.expect(4, "log", "show", "#\(position)")
    }

    /// Flips a byte of a record, wherever the file has it.
    private func flip(_ position: Int, _ store: DemoStore) throws {
        let shown = try store.expect(0, "log", "show", "#\(position)", "--format", "json").json()
        let part = try #require((shown["parts"] as? [[String: Any]])?.first)
        let hash = try #require(part["sha256"] as? String)
        let wanted = Data(
            stride(from: 0, to: 64, by: 2).map { UInt8(hash.dropFirst($0).prefix(2), radix: 16)! })
        let file = URL(filePath: store.path + "/log/data.mdb")
        var bytes = try Data(contentsOf: file)
        // LMDB keeps old pages: every copy of the record is damaged, so that the one read is.
        var search = bytes.startIndex..<bytes.endIndex
        while let found = bytes.range(of: wanted, in: search) {
            bytes[found.lowerBound + 7] ^= 0x10
            search = found.upperBound..<bytes.endIndex
        }
        try bytes.write(to: file)
    }

    /// What an interrupted run found good is not read again: the next goes on behind it, and says where.
    @Test func anInterruptedVerifyIsGoneOnWith() throws {
        let store = try DemoStore()
        let notes = store.path + "/views/verifying"
        var wasCut = false
        // It may be over before it is hit.
        for _ in 0..<20 where !wasCut {
            wasCut = try Command.isCut(["log", "verify"], store: store.path, by: SIGKILL) {
                FileManager.default.fileExists(atPath: notes + "/keys.done")
            }
        }
        try #require(wasCut)
        let records = try #require(
            try store.expect(0, "log", "stat", "--format", "json").json()["records"] as? Int)
        try store.expect(0, "view", "--as", "dr-rowan", "--patient", DemoStore.patient)
        // Nor does a run of another kind forget what was noted.
        try store.expect(0, "log", "verify", "--fast")
        let json = try store.expect(0, "log", "verify", "--resume", "--format", "json").json()
        #expect(json["resumedFrom"] as? Int == records + 1, "\(json)")
        let passedOver = json["notChecked"] as? [String] ?? []
        #expect(passedOver.contains("keys: an earlier run did"), "\(passedOver)")
        #expect(try #require(json["records"] as? Int) > records)
        #expect(!FileManager.default.fileExists(atPath: notes), "it is over")
        // There is nothing to go on with: from the beginning.
        try flip(46, store)
        let whole = try store.expect(1, "log", "verify", "--resume", "--format", "json").json()
        #expect(whole["firstBad"] as? Int == 46 && whole["resumedFrom"] == nil, "\(whole)")
    }

    @Test func theClockIsToldAndAccepted() throws {
        let simulated = try DemoStore(filled: false)
        #expect(try simulated.expect(0, "log", "clock").out.contains("(a simulated clock)"))
        #expect(try simulated.expect(2, "log", "clock", "--accept").err.contains("simulated"))
        let scratch = try Scratch()
        let path = scratch.path("real")
        #expect(try Command.run(["init"], store: path).status == 0)
        let shown = try Command.run(["log", "clock"], store: path)
        #expect(shown.status == 0 && shown.out.contains("is followed"), "\(shown.out)\(shown.err)")
        let accepted = try Command.run(["log", "clock", "--accept", "--format", "json"], store: path).json()
        #expect(
            accepted["heldBackMicroseconds"] as? Int == 0 && accepted["acceptedMicroseconds"] as? Int == 0)
    }

    /// Another store's key, and its checkpoints, laid into the log: not printed as this store's.
    @Test func anotherKeyBesideTheCheckpointsIsNotPrinted() throws {
        let (store, other) = (try DemoStore(filled: false), try DemoStore(filled: false))
        for each in [store, other] { try each.expect(0, "log", "checkpoint") }
        let key = try store.expect(0, "log", "key").out
        try FileManager.default.removeItem(atPath: store.path + "/log")
        try FileManager.default.copyItem(atPath: other.path + "/log", toPath: store.path + "/log")
        let refused = try store.expect(4, "log", "key")
        #expect(refused.err.contains(key.trimmingCharacters(in: .newlines)) && refused.out.isEmpty)
        // Without its keys there is nothing to compare with.
        try FileManager.default.removeItem(atPath: store.path + ".key")
        #expect(try store.expect(0, "log", "key").out == other.expect(0, "log", "key").out)
    }

    @Test func showIsTheHeaderOnly() throws {
        let store = try DemoStore()
        let text = try store.expect(0, "log", "show", "#49").out
        #expect(text.contains("source-update") && text.contains("commitment"))
        #expect(!text.contains("HALLETT") && !text.contains("9990177015"))
    }

    /// `log` reads beside a writer and needs no key, but to verify keys and what is sealed under them.
    @Test func theKeyIsNotNeeded() throws {
        let store = try DemoStore(filled: false)
        try FileManager.default.removeItem(atPath: store.path + ".key")
        try store.expect(0, "log", "stat")
        try store.expect(0, "log", "verify", "--log-only")
        try store.expect(0, "log", "verify", "--fast")
        #expect(try store.expect(4, "log", "verify").err.contains("--log-only"))
        let done = try store.expect(4, "quarantine", "list")
        #expect(done.err.contains("store.key"))
    }

    @Test func projectionsRebuildEqual() throws {
        let store = try DemoStore()
        let list = try store.expect(0, "projections", "list", "--format", "json").json()
        let names = (list["items"] as? [[String: Any]])?.compactMap { $0["name"] as? String } ?? []
        #expect(names == ["identity", "policy", "record", "trail", "people"])
        let view = [
            "view", "--as", "dr-rowan", "--patient", DemoStore.patient, "--at", "2018-02-05T13:00:00Z",
        ]
        func body() throws -> String {
            let done = try Command.run(view + ["--format", "json"], store: store.path)
            return String(done.out.prefix(while: { $0 != "\n" }).split(separator: ",\"receipt\":")[0])
        }
        let before = try body()
        for name in names {
            let json = try store.expect(0, "projections", "rebuild", name, "--format", "json").json()
            #expect(json["equal"] as? Bool == true && json["swapped"] as? Bool == true)
        }
        #expect(try body() == before)
    }
}
